//! Steps in order: what each one needs, whether it passed, how long it took.

use std::process::ExitCode;
use std::time::{Duration, Instant};

/// Steps that were taken.
#[derive(Default)]
pub(crate) struct Plan {
    only: Vec<String>,
    taken: Vec<Taken>,
}

struct Taken {
    name: &'static str,
    outcome: Outcome,
    took: Duration,
}

enum Outcome {
    Passed,
    Failed(String),
    Blocked(&'static str),
    LeftOut,
}

impl Plan {
    /// Takes every step, or only those whose name contains one of these words (preparations are always taken).
    pub(crate) fn only(words: &[String]) -> Self {
        Self { only: words.to_vec(), taken: Vec::new() }
    }

    /// Takes a preparation: always, whatever was asked for.
    pub(crate) fn prepare(
        &mut self,
        name: &'static str,
        needs: &[&'static str],
        act: impl FnOnce() -> anyhow::Result<()>,
    ) {
        self.take(name, needs, act);
    }

    /// Takes a step, unless one that it needs failed. The others go on: one run tells all that is wrong.
    pub(crate) fn step(
        &mut self,
        name: &'static str,
        needs: &[&'static str],
        act: impl FnOnce() -> anyhow::Result<()>,
    ) {
        if self.only.is_empty() || self.only.iter().any(|word| name.contains(word.as_str())) {
            self.take(name, needs, act);
        } else {
            self.taken.push(Taken { name, outcome: Outcome::LeftOut, took: Duration::ZERO });
        }
    }

    #[allow(clippy::disallowed_methods, reason = "a person waits for these steps: how long they took is measured here")]
    fn take(&mut self, name: &'static str, needs: &[&'static str], act: impl FnOnce() -> anyhow::Result<()>) {
        let failed = |need: &&&str| {
            let bad = |taken: &Taken| matches!(taken.outcome, Outcome::Failed(_) | Outcome::Blocked(_));
            self.taken.iter().any(|taken| taken.name == **need && bad(taken))
        };
        if let Some(need) = needs.iter().find(failed) {
            self.taken.push(Taken { name, outcome: Outcome::Blocked(need), took: Duration::ZERO });
            return;
        }
        eprintln!("\n── {name}");
        let begun = Instant::now();
        let outcome = match act() {
            Ok(()) => Outcome::Passed,
            Err(error) => {
                let why = format!("{error:#}");
                eprintln!("  failed: {why}");
                Outcome::Failed(why)
            }
        };
        self.taken.push(Taken { name, outcome, took: begun.elapsed() });
    }

    /// Prints what became of each step; a failure if one failed or could not be taken.
    pub(crate) fn close(&self) -> ExitCode {
        let total: Duration = self.taken.iter().map(|taken| taken.took).sum();
        eprintln!("\n── summary");
        for Taken { name, outcome, took } in &self.taken {
            let seconds = took.as_secs_f64();
            match outcome {
                Outcome::Passed => eprintln!("  passed   {seconds:>6.1} s  {name}"),
                Outcome::Failed(why) => {
                    eprintln!("  FAILED   {seconds:>6.1} s  {name}: {}", why.lines().next().unwrap_or_default());
                }
                Outcome::Blocked(need) => eprintln!("  NOT RUN            {name}: it needs \"{need}\""),
                Outcome::LeftOut => {}
            }
        }
        let (passed, failed) = (self.count(|o| matches!(o, Outcome::Passed)), self.count(Outcome::is_bad));
        eprintln!("{passed} passed, {failed} failed, in {} min {:02} s", total.as_secs() / 60, total.as_secs() % 60);
        if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }

    fn count(&self, which: impl Fn(&Outcome) -> bool) -> usize {
        self.taken.iter().filter(|taken| which(&taken.outcome)).count()
    }
}

impl Outcome {
    fn is_bad(&self) -> bool {
        matches!(self, Self::Failed(_) | Self::Blocked(_))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::bail;
    use std::cell::Cell;

    #[allow(clippy::unnecessary_wraps, reason = "the shape of a step")]
    fn mark(taken: &Cell<bool>) -> anyhow::Result<()> {
        taken.set(true);
        Ok(())
    }

    #[test]
    fn a_failed_step_fails_the_plan_and_stops_only_what_needs_it() {
        let (after, other) = (Cell::new(false), Cell::new(false));
        let mut plan = Plan::default();
        plan.step("build", &[], || bail!("no"));
        plan.step("journeys", &["build"], || mark(&after));
        plan.step("format", &[], || mark(&other));
        assert_eq!(plan.close(), ExitCode::FAILURE);
        assert_eq!((after.get(), other.get()), (false, true));
    }

    #[test]
    fn a_plan_whose_steps_pass_passes() {
        let mut plan = Plan::only(&["lint".into()]);
        plan.prepare("packages", &[], || Ok(()));
        plan.step("lint", &["packages"], || Ok(()));
        plan.step("left out", &[], || bail!("must not run"));
        assert_eq!(plan.close(), ExitCode::SUCCESS);
    }
}
