//! The servers that an address names, and which of them to speak with.
//!
//! Guarantees: a server that is silent costs the others a moment, not the deadline; a refused password is tried on one
//! server only; when none will do, the error says what each of them answered.

use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::time::Duration;

use futures::StreamExt;
use futures::stream::FuturesUnordered;
use vigie_core::port::MetropolisError;

use crate::hearing::Reads;
use crate::target::{ConnectTarget, Endpoint};

/// How long one server may keep the next one waiting, at most. A sign-in over TLS within a city takes less.
const LONGEST_STAGGER: Duration = Duration::from_millis(500);

/// The servers of one metropolis: a primary, and its standbys.
pub(crate) struct Endpoints {
    servers: Vec<Endpoint>,
    /// The one that last would do: asked first.
    good: AtomicUsize,
    /// From where one pulls.
    pub(crate) reads: Reads,
    /// The newest timeline met: who is on an older one does not know that it was replaced.
    newest: AtomicI64,
}

impl Endpoints {
    pub(crate) fn new(target: &ConnectTarget) -> Result<Self, MetropolisError> {
        let servers = Endpoint::all(target)?;
        let reads = servers.first().map_or(Reads::Primary, |server| server.reads);
        Ok(Self { servers, good: AtomicUsize::new(0), reads, newest: AtomicI64::new(0) })
    }

    /// A server on this timeline was met. Refuses one that a promotion left behind.
    pub(crate) fn on_timeline(&self, timeline: i64) -> Result<(), MetropolisError> {
        if timeline < self.newest.fetch_max(timeline, Ordering::Relaxed) {
            return Err(MetropolisError::Unreachable("it is a former primary, another one was promoted since".into()));
        }
        Ok(())
    }

    /// What `attempt` makes of the first server that will do. They are tried in turn: each when the one before it failed
    /// or kept us waiting; those that keep us waiting may still win. All of it within `deadline`.
    pub(crate) async fn first<'a, T, F>(
        &'a self,
        deadline: Duration,
        attempt: impl Fn(&'a Endpoint) -> F,
    ) -> Result<T, MetropolisError>
    where
        F: Future<Output = Result<T, MetropolisError>>,
    {
        let end = tokio::time::sleep(deadline);
        tokio::pin!(end);
        let mut next = order(self.servers.len(), self.good.load(Ordering::Relaxed)).into_iter();
        let mut start = || {
            let rank = next.next()?;
            let attempt = attempt(self.servers.get(rank)?);
            Some(async move { (rank, attempt.await) })
        };
        let mut running: FuturesUnordered<_> = start().into_iter().collect();
        let mut refusals = Vec::new();
        let mut more = true;
        while more || !running.is_empty() {
            tokio::select! {
                () = &mut end => break,
                Some((rank, answer)) = running.next() => match answer {
                    Ok(found) => {
                        self.good.store(rank, Ordering::Relaxed);
                        return Ok(found);
                    }
                    // Every server has the same accounts: to go on would only count towards locking this one.
                    Err(error) if !error.may_pass() => return Err(error),
                    Err(error) => {
                        refusals.push((rank, error));
                        more = start().map(|attempt| running.push(attempt)).is_some();
                    }
                },
                () = tokio::time::sleep(stagger(deadline, self.servers.len())), if more => {
                    more = start().map(|attempt| running.push(attempt)).is_some();
                }
            }
        }
        Err(self.told(refusals))
    }

    /// One error of those of all servers. Those that said nothing have none.
    fn told(&self, mut refusals: Vec<(usize, MetropolisError)>) -> MetropolisError {
        if refusals.is_empty() {
            return MetropolisError::Deadline;
        }
        if self.servers.len() == 1 {
            return refusals.remove(0).1;
        }
        // What someone can mend is said under its own code.
        let mendable = refusals.iter().find_map(|(_, refused)| match refused {
            MetropolisError::Tls { trouble, .. } => Some(*trouble),
            _ => None,
        });
        let each = self.servers.iter().enumerate().map(|(rank, server)| {
            let said = match refusals.iter().find(|(refused, _)| *refused == rank) {
                Some((_, MetropolisError::Unreachable(why))) => why.clone(),
                Some((_, other)) => other.to_string(),
                None => "no answer in time".to_owned(),
            };
            format!("{}: {said}", server.place())
        });
        let why = each.collect::<Vec<_>>().join("; ");
        match mendable {
            Some(trouble) => MetropolisError::Tls { trouble, why },
            None => MetropolisError::Unreachable(why),
        }
    }
}

/// In which order `servers` are asked: as the address has them, the good one first.
fn order(servers: usize, good: usize) -> Vec<usize> {
    let first = Some(good).filter(|good| *good < servers);
    first.into_iter().chain((0..servers).filter(|rank| Some(*rank) != first)).collect()
}

/// After how long a silent server no longer keeps the next one waiting: all have begun well within the deadline.
fn stagger(deadline: Duration, servers: usize) -> Duration {
    let share = u32::try_from(servers).unwrap_or(u32::MAX).saturating_add(1);
    LONGEST_STAGGER.min(deadline / share)
}

#[cfg(test)]
mod tests {
    use std::future::pending;
    use std::sync::Mutex;

    use super::*;

    const DEADLINE: Duration = Duration::from_secs(3);

    fn endpoints() -> Endpoints {
        let url = "postgres://anna@db1,db2,db3/vigie".to_owned();
        Endpoints::new(&ConnectTarget { url, password: None, application_name: "test".into() }).unwrap()
    }

    /// What a server does when it is asked.
    #[derive(Clone, Copy)]
    enum Does {
        Accept,
        Refuse,
        Forbid,
        Nothing,
        AcceptLate,
    }

    async fn ask(endpoints: &Endpoints, does: [Does; 3]) -> (Result<String, MetropolisError>, Vec<String>) {
        let asked = Mutex::new(Vec::new());
        let found = endpoints
            .first(DEADLINE, async |server| {
                let host = server.options.get_host().to_owned();
                asked.lock().unwrap().push(host.clone());
                match does[host[2..].parse::<usize>().unwrap() - 1] {
                    Does::Accept => Ok(host),
                    Does::Refuse => Err(MetropolisError::Unreachable("refused".into())),
                    Does::Forbid => Err(MetropolisError::SignInRefused("wrong password".into())),
                    Does::Nothing => pending().await,
                    Does::AcceptLate => {
                        tokio::time::sleep(DEADLINE / 2).await;
                        Ok(host)
                    }
                }
            })
            .await;
        (found, asked.into_inner().unwrap())
    }

    #[tokio::test(start_paused = true)]
    async fn the_first_that_will_do_is_taken_and_asked_first_from_then_on() {
        let endpoints = endpoints();
        assert_eq!(ask(&endpoints, [Does::Refuse, Does::Accept, Does::Accept]).await.0.unwrap(), "db2");
        let (found, asked) = ask(&endpoints, [Does::Accept, Does::Accept, Does::Accept]).await;
        assert_eq!((found.unwrap().as_str(), asked), ("db2", vec!["db2".to_owned()]));
        let (found, asked) = ask(&endpoints, [Does::Refuse, Does::Refuse, Does::Accept]).await;
        assert_eq!((found.unwrap().as_str(), asked.join(" ")), ("db3", "db2 db1 db3".to_owned()));
    }

    #[tokio::test(start_paused = true)]
    async fn a_silent_server_does_not_eat_the_deadline_of_the_others() {
        let endpoints = endpoints();
        let begun = tokio::time::Instant::now();
        assert_eq!(ask(&endpoints, [Does::Nothing, Does::Nothing, Does::Accept]).await.0.unwrap(), "db3");
        assert_eq!(begun.elapsed(), LONGEST_STAGGER * 2);
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_server_still_wins_when_the_others_will_not_do() {
        let endpoints = endpoints();
        assert_eq!(ask(&endpoints, [Does::AcceptLate, Does::Refuse, Does::Nothing]).await.0.unwrap(), "db1");
    }

    #[tokio::test(start_paused = true)]
    async fn a_refused_password_is_not_tried_on_the_next_server() {
        let endpoints = endpoints();
        let (found, asked) = ask(&endpoints, [Does::Forbid, Does::Accept, Does::Accept]).await;
        assert_eq!((found.unwrap_err().code(), asked.len()), ("sign_in_refused", 1));
    }

    #[tokio::test(start_paused = true)]
    async fn when_none_will_do_each_answer_is_told() {
        let endpoints = endpoints();
        let (found, _) = ask(&endpoints, [Does::Refuse, Does::Nothing, Does::Refuse]).await;
        let told = "db1:5432: refused; db2:5432: no answer in time; db3:5432: refused";
        assert_eq!(found, Err(MetropolisError::Unreachable(told.into())));
        assert_eq!(ask(&endpoints, [Does::Nothing; 3]).await.0, Err(MetropolisError::Deadline));
    }

    #[test]
    fn who_was_left_behind_by_a_promotion_is_not_spoken_with() {
        let endpoints = endpoints();
        assert!(endpoints.on_timeline(2).is_ok() && endpoints.on_timeline(2).is_ok());
        assert_eq!(endpoints.on_timeline(1).unwrap_err().code(), "unreachable");
    }

    #[test]
    fn every_server_is_asked_within_the_deadline() {
        for servers in 1..20 {
            for deadline in [1, 50, 1_000, 3_500, 20_000].map(Duration::from_millis) {
                assert!(stagger(deadline, servers) * u32::try_from(servers).unwrap() < deadline);
            }
        }
    }
}
