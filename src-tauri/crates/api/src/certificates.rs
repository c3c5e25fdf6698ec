//! Certificates that are about to end: looked at each hour, told for 30 days.

use std::time::Duration;

use vigie_core::time::{Clock as _, Timestamp};
use vigie_metropolis::{CertificateLife, Holder, certificate_lives};

use crate::Api;
use crate::dto::{CertificateHolder, CertificateNotice};
use crate::machine::MachineClock;

/// How long before its end a certificate is told.
const NOTICE: Duration = Duration::from_hours(30 * 24);
const LOOK_EVERY: Duration = Duration::from_hours(1);
/// How long a server may take to show its own.
const PATIENCE: Duration = Duration::from_secs(5);

/// Those of `lives` that someone must see to at `now`.
fn to_renew(lives: Vec<CertificateLife>, now: Timestamp) -> Vec<CertificateNotice> {
    let soon = lives.into_iter().filter(|life| life.ends_at.minus(NOTICE) <= now);
    soon.map(|CertificateLife { ends_at, holder, name }| CertificateNotice {
        holder: match holder {
            Holder::Desk => CertificateHolder::Desk,
            Holder::Server => CertificateHolder::Server,
            Holder::Authority => CertificateHolder::Authority,
        },
        name,
        ends_at,
        over: ends_at <= now,
    })
    .collect()
}

impl Api {
    /// Looks until the program ends.
    pub(crate) async fn watch_certificates(self) {
        let mut hour = tokio::time::interval(LOOK_EVERY);
        loop {
            tokio::select! {
                () = self.inner.stop.cancelled() => return,
                _ = hour.tick() => {}
            }
            let Some(target) = self.inner.source.address() else { return };
            // Files that cannot be read are told by the sign-in itself.
            let Ok(lives) = certificate_lives(&target, PATIENCE).await else { continue };
            let found = to_renew(lives, MachineClock.now().wall);
            for CertificateNotice { holder, name, over, .. } in &found {
                tracing::warn!(?holder, name, over, "a certificate must be renewed");
            }
            *self.inner.certificates.lock().await = found;
            self.tell_status().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_is_told_thirty_days_before_its_end_and_after_it() {
        let now = Timestamp(1_795_000_000_000);
        let life = |days: i64, name: &str| CertificateLife {
            ends_at: Timestamp(now.0 + days * 86_400_000),
            holder: Holder::Server,
            name: name.to_owned(),
        };
        let told = to_renew(vec![life(-1, "over"), life(29, "soon"), life(31, "later")], now);
        let told: Vec<_> = told.iter().map(|notice| (notice.name.as_str(), notice.over)).collect();
        assert_eq!(told, [("over", true), ("soon", false)]);
    }
}
