//! Who works in the room: invented people, their accounts, their desks, and the shifts open when the city is born.

use std::time::Duration;

use vigie_core::ids::{DeskId, PersonId, ShiftId};
use vigie_core::rights::Role;
use vigie_core::table::{Desk, Person, Shift};
use vigie_core::time::Timestamp;

use crate::chance::uuid_of;

/// The account that the app opens by default: C. Martin, remote operator at "Poste 2".
pub const DEFAULT_LOGIN: &str = "c.martin";

/// A login of the metropolis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Login.
    pub login: String,
    /// Role.
    pub role: Role,
    /// Person; programs have none.
    pub person_id: Option<PersonId>,
    /// Desk usually held.
    pub desk_id: Option<DeskId>,
}

/// Login, name, role, desk, and whether a shift is open at birth.
const STAFF: &[(&str, &str, Role, &str, bool)] = &[
    (DEFAULT_LOGIN, "C. Martin", Role::RemoteOperator, "Poste 2", true),
    ("a.dubois", "A. Dubois", Role::RemoteOperator, "Poste 1", true),
    ("l.moreau", "L. Moreau", Role::RemoteOperator, "Poste 3", false),
    ("s.bernard", "S. Bernard", Role::Supervisor, "Chef de salle", true),
    ("n.petit", "N. Petit", Role::CallAgent, "Allô Mairie 1", true),
    ("r.roy", "R. Roy", Role::CctvOperator, "CSU", true),
    ("e.faivre", "E. Faivre", Role::SocialWorker, "CCAS", false),
    ("p.lambert", "P. Lambert", Role::FieldManager, "Éclairage public", false),
    ("m.garnier", "M. Garnier", Role::Manager, "Direction", false),
    ("t.colas", "T. Colas", Role::ItAdmin, "", false),
    ("v.renaud", "V. Renaud", Role::Auditor, "", false),
    ("gateway", "", Role::Gateway, "", false),
    ("house", "", Role::House, "", false),
];

/// Persons, desks, shifts and accounts.
pub(crate) fn staff(seed: u64, at: Timestamp) -> (Vec<Person>, Vec<Desk>, Vec<Shift>, Vec<Account>) {
    let (mut persons, mut desks, mut shifts, mut accounts) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (login, name, role, desk, open) in STAFF {
        let person_id = (!name.is_empty()).then(|| PersonId(uuid_of(seed, &format!("person/{login}"))));
        let desk_id = (!desk.is_empty()).then(|| DeskId(uuid_of(seed, &format!("desk/{desk}"))));
        persons.extend(person_id.map(|person_id| Person { person_id, display_name: (*name).to_owned() }));
        desks.extend(desk_id.map(|desk_id| Desk { desk_id, name: (*desk).to_owned() }));
        if let (true, Some(person_id), Some(desk_id)) = (open, person_id, desk_id) {
            shifts.push(Shift {
                shift_id: ShiftId(uuid_of(seed, &format!("shift/{login}/{}", at.0))),
                desk_id,
                person_id,
                role: *role,
                opened_at: at.minus(Duration::from_mins(45)),
                ends_at: at.plus(Duration::from_hours(8)),
                closed_at: None,
            });
        }
        accounts.push(Account { login: (*login).to_owned(), role: *role, person_id, desk_id });
    }
    (persons, desks, shifts, accounts)
}
