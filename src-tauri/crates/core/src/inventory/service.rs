//! A record as a municipal service, and the services that objects may name.

use crate::ids::ServiceId;
use crate::inventory::{Record, Refusal, Refused, identifier};
use crate::table::Service;

/// Longest code, in characters.
const CODE_MOST: usize = 20;

/// The service of a record, or why it is none. It is known by its `code`; other fields than `name` and `phone` are not kept.
pub fn service(record: &Record) -> Result<Service, Refused> {
    row(record).map_err(|why| Refused { reference: record.text("code"), why })
}

fn row(record: &Record) -> Result<Service, Refusal> {
    if record.holds_nul() {
        return Err(Refusal::Nul);
    }
    let code = record.needed("code")?;
    if code.chars().count() > CODE_MOST {
        return Err(Refusal::TooLong("code", CODE_MOST));
    }
    let name = record.needed("name")?;
    let phone = record.text("phone").unwrap_or_default();
    Ok(Service { service_id: ServiceId(identifier("service", &code)), code, name, phone })
}

/// The services of a metropolis, by which objects name theirs.
#[derive(Debug, Clone, Default)]
pub struct Services(Vec<(String, ServiceId)>);

impl Services {
    /// Of these.
    pub fn new(services: &[Service]) -> Self {
        Self(services.iter().map(|service| (service.code.clone(), service.service_id)).collect())
    }

    /// The service of a code; none where no code is named.
    pub fn named(&self, code: Option<String>) -> Result<Option<ServiceId>, Refusal> {
        let Some(code) = code else { return Ok(None) };
        let found = self.0.iter().find(|(known, _)| *known == code).map(|(_, id)| Some(*id));
        found.ok_or(Refusal::UnknownService(code))
    }

    /// The code of a service.
    pub fn code(&self, id: ServiceId) -> Option<&str> {
        self.0.iter().find(|(_, known)| *known == id).map(|(code, _)| code.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn record(fields: &serde_json::Value) -> Record {
        Record { fields: fields.as_object().cloned().unwrap_or_default(), geometry: None }
    }

    #[test]
    fn a_service_has_a_code_and_a_name_and_perhaps_a_number() {
        let row =
            service(&record(&json!({"code": "EP", "name": "Éclairage public", "phone": "03 53 01 40 10"}))).unwrap();
        assert_eq!((row.code.as_str(), row.phone.as_str()), ("EP", "03 53 01 40 10"));
        assert_eq!(service(&record(&json!({"code": 7, "name": "Voirie"}))).unwrap().code, "7");
        let why = |fields| service(&record(&fields)).unwrap_err().why;
        assert_eq!(why(json!({"name": "Voirie"})), Refusal::Missing("code"));
        assert_eq!(why(json!({"code": "VOI", "name": " "})), Refusal::Missing("name"));
        assert_eq!(why(json!({"code": "x".repeat(21), "name": "Voirie"})), Refusal::TooLong("code", 20));
    }

    #[test]
    fn an_object_names_a_service_that_is_there_or_none() {
        let known = service(&record(&json!({"code": "EP", "name": "Éclairage public"}))).unwrap();
        let services = Services::new(std::slice::from_ref(&known));
        assert_eq!(services.named(Some("EP".into())), Ok(Some(known.service_id)));
        assert_eq!(services.named(None), Ok(None));
        assert_eq!(services.named(Some("EAU".into())), Err(Refusal::UnknownService("EAU".into())));
        assert_eq!(services.code(known.service_id), Some("EP"));
    }
}
