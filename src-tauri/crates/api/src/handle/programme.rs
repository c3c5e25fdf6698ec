//! Programmes: the list, the preview, writing, going back.

use vigie_core::programme::validate;
use vigie_engine::SaveProgramme;

use crate::Api;
use crate::dto::{
    NoArgs, ProgrammeArgs, ProgrammePreview, ProgrammePreviewArgs, ProgrammeView, ReturnProgrammeArgs,
    ReturnedProgramme, SaveProgrammeArgs,
};
use crate::error::ApiError;
use crate::view;

impl Api {
    pub(crate) async fn programmes(&self, _: NoArgs) -> Result<Vec<ProgrammeView>, ApiError> {
        Ok(view::programmes(&self.engine().await?))
    }

    pub(crate) async fn preview_programme(&self, args: ProgrammePreviewArgs) -> Result<ProgrammePreview, ApiError> {
        let invalid = validate(args.kind, &args.content);
        let preview = if invalid.is_empty() {
            Some(self.engine().await?.preview_programme(args.kind, &args.content)?)
        } else {
            None
        };
        Ok(ProgrammePreview { invalid, preview })
    }

    pub(crate) async fn save_programme(&self, args: SaveProgrammeArgs) -> Result<ProgrammeArgs, ApiError> {
        let SaveProgrammeArgs { programme_id, after, kind, content } = args;
        let asked = SaveProgramme { programme_id, after, kind, content };
        Ok(ProgrammeArgs { programme_id: self.engine().await?.save_programme(asked).await? })
    }

    pub(crate) async fn drop_programme(&self, args: ProgrammeArgs) -> Result<NoArgs, ApiError> {
        self.engine().await?.drop_programme(args.programme_id).await?;
        Ok(NoArgs {})
    }

    pub(crate) async fn return_programme(&self, args: ReturnProgrammeArgs) -> Result<ReturnedProgramme, ApiError> {
        let ReturnProgrammeArgs { programme_id, again, reason } = args;
        Ok(ReturnedProgramme { groups: self.engine().await?.return_programme(programme_id, again, &reason).await? })
    }
}
