//! THE list of commands. A host forwards `(name, JSON)` to [`crate::Api::call`] and adds nothing of its own.

#[allow(clippy::wildcard_imports, reason = "this is the list of all that crosses")]
use crate::dto::*;

macro_rules! commands {
    ($($(#[$doc:meta])* $name:ident($args:ty) -> $reply:ty;)+) => {
        /// Names of all commands, for a host's allow-list.
        pub const COMMANDS: &[&str] = &[$(stringify!($name)),+];

        /// The list as TypeScript: `export interface Commands { name: { args: …; reply: … } }`.
        pub fn typescript(cfg: &ts_rs::Config) -> String {
            let mut text = String::from("/** Every command: its arguments and its reply. */\nexport interface Commands {\n");
            $(
                text.push_str(concat!("  ", stringify!($name), ": "));
                text.push_str(&format!(
                    "{{ args: {}; reply: {} }};\n",
                    <$args as ts_rs::TS>::name(cfg),
                    <$reply as ts_rs::TS>::name(cfg),
                ));
            )+
            text.push_str("}\n");
            text
        }

        impl crate::Api {
            /// Runs a command by name. Unknown names and arguments that do not fit are `bad_request`.
            pub async fn call(
                &self,
                name: &str,
                args: serde_json::Value,
            ) -> Result<serde_json::Value, crate::error::ApiError> {
                self.may_call(name).await?;
                match name {
                    $(stringify!($name) => {
                        let args: $args = serde_json::from_value(args)
                            .map_err(|e| crate::error::ApiError::new("bad_request", format!("{name}: {e}")))?;
                        let reply: $reply = self.$name(args).await?;
                        serde_json::to_value(reply)
                            .map_err(|e| crate::error::ApiError::new("bad_request", format!("{name}: {e}")))
                    })+
                    _ => Err(crate::error::ApiError::new("bad_request", format!("no command {name}"))),
                }
            }
        }
    };
}

commands! {
    /// Where the program stands.
    status(NoArgs) -> Status;
    /// Signs in with a password.
    sign_in(SignInArgs) -> Status;
    /// Signs out: the files of the account are closed, its password is forgotten.
    sign_out(NoArgs) -> Status;
    /// Suspends the session: people, pictures and commands are refused until it is taken up again; intents are void.
    suspend(NoArgs) -> Status;
    /// Takes a suspended session up again, by its account's password.
    resume(ResumeArgs) -> Status;
    /// Someone is at the keyboard: the session does not suspend itself for now.
    active(NoArgs) -> NoArgs;
    /// Who may sign in on this machine, and what may be seen without.
    door(NoArgs) -> Door;
    /// Opens the view that is shared during a cut, without an account: read only. Refused while the metropolis answers.
    look(NoArgs) -> Status;
    /// What the map is drawn from, besides the packed points.
    city(NoArgs) -> City;
    /// Every zone, and which kinds somebody here may change.
    zones(NoArgs) -> ZonesView;
    /// What a drawn zone is: what is wrong in it, what stands in it. Writes nothing.
    check_zone(ZoneArgs) -> ZoneCheck;
    /// Writes a zone. Refused without a link.
    save_zone(ZoneArgs) -> ZoneSaved;
    /// Throws a zone away. Refused without a link.
    drop_zone(DropZoneArgs) -> ZoneSaved;
    /// The ground file of this machine, whose ranges a host gives as bytes.
    ground_file(NoArgs) -> GroundFileView;
    /// The service of pictures of the ground, which a host gives as bytes.
    ground_tiles(NoArgs) -> GroundTilesView;
    /// Finds objects by words of their reference, name, street or commune.
    search(SearchArgs) -> ObjectsFound;
    /// Finds communes, zones and streets by words of their names.
    places(SearchArgs) -> PlacesFound;
    /// What this desk's windows look at from now on; the others are told.
    select(Selection) -> NoArgs;
    /// What this desk's windows look at.
    selection(NoArgs) -> Selection;
    /// One page of the list twin.
    objects(ObjectFilter) -> ObjectPage;
    /// Which points of the map a filter keeps: what the map cannot know from the packed bytes.
    kept(ObjectFilter) -> PointRuns;
    /// How many objects each choice of a filter would keep.
    tally(ObjectFilter) -> Tally;
    /// Every feed and connector of the metropolis, what needs a look first.
    sources(NoArgs) -> Vec<SourceView>;
    /// The rivers: reaches, gauges, the hour of the last bulletin.
    flood(NoArgs) -> FloodView;
    /// One gauge with its past, what it is forecast, and its levels.
    gauge(ObjectArgs) -> GaugeSheet;
    /// What a height of a gauge puts under water. Switches nothing.
    under_water(UnderWaterArgs) -> UnderWater;
    /// The sheet of an object.
    object(ObjectArgs) -> ObjectSheet;
    /// The sheet of the object of a point.
    object_at(PointArgs) -> ObjectSheet;
    /// More history, from the metropolis.
    history(HistoryArgs) -> Vec<HistoryLine>;
    /// What a command would be.
    prepare(PrepareArgs) -> Preparation;
    /// Operates a command.
    operate(OperateArgs) -> CommandView;
    /// Asks a second person to approve one prepared command.
    ask_second(AskSecondArgs) -> RequestArgs;
    /// Asks a second person to approve a prepared group.
    ask_group(GroupOperateArgs) -> RequestArgs;
    /// Who was asked to approve what: what is open, and what ended here a short while ago.
    requests(NoArgs) -> Vec<RequestView>;
    /// Approves or declines.
    answer_request(AnswerArgs) -> NoArgs;
    /// Gives an approval more time.
    extend_request(RequestArgs) -> NoArgs;
    /// Gives a request up.
    withdraw_request(RequestArgs) -> NoArgs;
    /// Which desk pilots an object.
    pilot(ObjectArgs) -> PilotView;
    /// Selects an object, to operate it within twenty seconds.
    select_object(ObjectArgs) -> PilotView;
    /// Selects every object of an approved request at once.
    select_request(RequestArgs) -> SelectionView;
    /// A key is held that moves an object: said every fifth of a second while it is, or it stops (class L).
    hold_live(HoldLiveArgs) -> NoArgs;
    /// It was let go.
    let_go(NoArgs) -> NoArgs;
    /// Takes an object for this shift.
    take_object(ObjectArgs) -> PilotView;
    /// Hands an object over to another desk.
    give_object(GiveObjectArgs) -> PilotView;
    /// Releases an object.
    release_object(ObjectArgs) -> PilotView;
    /// What was done alone, to be reviewed.
    sole_reviews(NoArgs) -> Vec<SoleReviewView>;
    /// Says what was found about it.
    review_sole(ReviewSoleArgs) -> NoArgs;
    /// The key that a class B command waits for after a cut.
    press_key(ReasonArgs) -> CommandView;
    /// Cancels a command that has not left yet.
    cancel_command(ReasonArgs) -> CommandView;
    /// Closes an unknown command, with a reason.
    close_command(ReasonArgs) -> CommandView;
    /// Abandons an intent.
    abandon(ReasonArgs) -> CommandView;
    /// What a choice of objects holds, and what may be asked of it.
    group_look(GroupLookArgs) -> GroupLook;
    /// What a command on many objects would be: freezes them.
    group_prepare(GroupPrepareArgs) -> GroupPreparation;
    /// Operates a prepared group, once.
    group_operate(GroupOperateArgs) -> GroupView;
    /// Groups, own and others', newest first.
    groups(NoArgs) -> Vec<GroupView>;
    /// A group with each of its objects.
    group(GroupArgs) -> GroupSheet;
    /// Stops the rest of a group.
    group_stop(GroupArgs) -> GroupView;
    /// The key that a group of comfort waits for after a cut.
    group_press(GroupArgs) -> GroupView;
    /// Abandons a group of intents.
    group_abandon(GroupArgs) -> GroupView;
    /// Lists of objects that are kept, by name.
    saved_groups(NoArgs) -> Vec<SavedGroupView>;
    /// Keeps a list of objects under a name.
    save_group(SaveGroupArgs) -> NoArgs;
    /// Keeps a list no more.
    drop_group(SavedGroupArgs) -> NoArgs;
    /// Every programme of lights and signals, what needs a look first.
    programmes(NoArgs) -> Vec<ProgrammeView>;
    /// What a programme would do: seven nights and both changes of the clock. Writes nothing.
    preview_programme(ProgrammePreviewArgs) -> ProgrammePreview;
    /// Writes a programme, as a draft. Refused without a link.
    save_programme(SaveProgrammeArgs) -> ProgrammeArgs;
    /// Throws a draft away.
    drop_programme(ProgrammeArgs) -> NoArgs;
    /// Takes a programme's objects back to the one before it, or gives it again to those that report another.
    return_programme(ReturnProgrammeArgs) -> ReturnedProgramme;
    /// This desk's commands on single objects, newest first (the last 200).
    outbox(NoArgs) -> Vec<CommandView>;
    /// The return after a cut.
    review(NoArgs) -> Review;
    /// Every crew lock known here, in the order in which they are to be looked at.
    locks(NoArgs) -> Vec<LockView>;
    /// Asks for a crew lock: filed at once, in force only once the metropolis says so.
    ask_lock(LockAskArgs) -> LockView;
    /// Lifts one's own lock, or takes it back while it is not in force. Refused without a link.
    lift_lock(LockArgs) -> LockView;
    /// Says that the work takes longer. Refused without a link.
    extend_lock(LockExtendArgs) -> LockView;
    /// Asks that a lock be lifted by others than its holder, after a call to him.
    force_lift_lock(LockForceArgs) -> LockView;
    /// Confirms that, as the second person.
    confirm_lift_lock(LockArgs) -> LockView;
    /// What is in force now, what did not end, and what ended lately.
    effects(NoArgs) -> Vec<EffectView>;
    /// What stands over every screen: pushed whenever it changes.
    alarm_summary(NoArgs) -> AlarmSummary;
    /// A list of alarms, in the order in which they are to be looked at.
    alarms(AlarmFilter) -> AlarmList;
    /// The sheet of an alarm.
    alarm(AlarmArgs) -> AlarmSheet;
    /// Takes an alarm: names the occurrence and the priority seen.
    acknowledge_alarm(AlarmAckArgs) -> AlarmView;
    /// Puts an alarm out of sight until an end.
    shelve_alarm(AlarmShelveArgs) -> AlarmView;
    /// Brings it back before that end.
    unshelve_alarm(AlarmArgs) -> AlarmView;
    /// Gives an alarm to a desk.
    assign_alarm(AlarmAssignArgs) -> AlarmView;
    /// The log (main courante), newest first.
    log(LogArgs) -> Vec<LogLineView>;
    /// Files a line of the log.
    file_line(FileLineArgs) -> LogLineView;
    /// Records that the metropolis does not have yet.
    records(NoArgs) -> RecordsView;
    /// Tries a refused record again now.
    retry_record(RecordArgs) -> RecordsView;
    /// Gives a refused record up.
    abandon_record(RecordArgs) -> RecordsView;
    /// Writes what is not transmitted into a file.
    export_unsent(NoArgs) -> Exported;
    /// What was typed and neither filed nor discarded.
    drafts(NoArgs) -> Vec<DraftView>;
    /// Keeps what is typed in a form.
    keep_draft(DraftView) -> NoArgs;
    /// Erases what was typed in a form.
    discard_draft(DraftArgs) -> NoArgs;
    /// Changes training: plug, speed, scenario. `not_training` elsewhere.
    training(TrainingArgs) -> Status;
}
