//! The log, drafts, and records that are stuck.

use std::io::Write as _;

use serde_json::json;
use vigie_core::port::OutboxState;
use vigie_core::record::Links;
use vigie_core::time::Clock as _;
use vigie_engine::{EngineError, FileLine};

use crate::Api;
use crate::dto::{DraftArgs, DraftView, Exported, FileLineArgs, LogArgs, LogLineView, NoArgs, RecordArgs, RecordsView};
use crate::error::ApiError;
use crate::machine::MachineClock;
use crate::view;

/// Most lines at once.
const LINES: u32 = 500;
/// A form is not a file: what is larger is not typed.
const DRAFT_MAX: usize = 64 * 1024;

impl Api {
    pub(crate) async fn log(&self, args: LogArgs) -> Result<Vec<LogLineView>, ApiError> {
        Ok(view::log(&self.engine().await?, args.limit.min(LINES) as usize))
    }

    pub(crate) async fn file_line(&self, args: FileLineArgs) -> Result<LogLineView, ApiError> {
        let engine = self.engine().await?;
        let asked = FileLine {
            kind: args.kind,
            text: args.text,
            corrects: args.corrects,
            links: Links(args.links),
            draft: args.draft,
        };
        let id = engine.file_line(asked).await?;
        let shown = view::log(&engine, LINES as usize).into_iter().find(|line| line.log_id == id);
        shown.ok_or_else(|| EngineError::NotFound.into())
    }

    pub(crate) async fn records(&self, _: NoArgs) -> Result<RecordsView, ApiError> {
        Ok(view::records(&self.engine().await?))
    }

    pub(crate) async fn retry_record(&self, args: RecordArgs) -> Result<RecordsView, ApiError> {
        self.engine().await?.retry_record(args.record_id).await?;
        self.records(NoArgs {}).await
    }

    pub(crate) async fn abandon_record(&self, args: RecordArgs) -> Result<RecordsView, ApiError> {
        self.engine().await?.abandon_record(args.record_id).await?;
        self.records(NoArgs {}).await
    }

    /// Writes what the metropolis does not have into a new file of the data folder, so that it can be taken along.
    pub(crate) async fn export_unsent(&self, _: NoArgs) -> Result<Exported, ApiError> {
        let engine = self.engine().await?;
        let records = engine.open_records();
        let entries = engine.outbox().open_entries().await.map_err(EngineError::from)?;
        let lines: Vec<_> = records
            .iter()
            .map(|record| json!(record))
            .chain(entries.iter().filter(|e| e.outbox == OutboxState::Open).map(|entry| json!(entry)))
            .collect();
        let folder = self.inner.launch.data_dir()?.join("exports");
        std::fs::create_dir_all(&folder).map_err(|e| crate::api::disk(&folder, &e))?;
        let file = folder.join(format!("vigie-{}.jsonl", MachineClock.now().wall.0));
        let failed = |e: std::io::Error| crate::api::disk(&file, &e);
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut out = options.open(&file).map_err(failed)?;
        for line in &lines {
            writeln!(out, "{line}").map_err(failed)?;
        }
        out.sync_all().map_err(failed)?;
        Ok(Exported { file: file.display().to_string(), number: u32::try_from(lines.len()).unwrap_or(u32::MAX) })
    }

    pub(crate) async fn drafts(&self, _: NoArgs) -> Result<Vec<DraftView>, ApiError> {
        let drafts = self.engine().await?.drafts().await?;
        Ok(drafts.into_iter().map(|d| DraftView { key: d.key, content: d.content }).collect())
    }

    pub(crate) async fn keep_draft(&self, args: DraftView) -> Result<NoArgs, ApiError> {
        if args.content.to_string().len() > DRAFT_MAX {
            return Err(ApiError::new("bad_request", "a draft holds 64 KiB at most"));
        }
        self.engine().await?.keep_draft(args.key, args.content).await?;
        Ok(NoArgs {})
    }

    pub(crate) async fn discard_draft(&self, args: DraftArgs) -> Result<NoArgs, ApiError> {
        self.engine().await?.discard_draft(&args.key).await?;
        Ok(NoArgs {})
    }
}
