//! The journal as an auditor reads it: its lines, its seals, and whether they fit.

use futures::TryStreamExt;
use sha2::{Digest, Sha256};
use sqlx::Row;
use vigie_core::port::MetropolisError;

use crate::admin::{Admin, get};
use crate::error::map;

/// One seal of the chain: `sha256(the seal before ‖ each line ‖ line feed …)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seal {
    /// Its number; they follow each other from 1.
    pub seal_id: i64,
    /// It covers the rows of transactions below this one that no seal before it covers.
    pub below_xid: u64,
    /// How many rows.
    pub rows: i64,
    /// The seal itself.
    pub sha256: Vec<u8>,
    /// When it was set, in the metropolis's time (milliseconds).
    pub sealed_at: i64,
}

/// What was found of the chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verification {
    /// Seals that fit.
    pub seals: u64,
    /// Rows under them.
    pub rows: u64,
    /// Rows that no seal covers yet.
    pub unsealed: u64,
    /// The first place where chain and journal part, in words.
    pub broken: Option<String>,
}

impl Admin {
    /// The seals, in order. For the owner and for auditors.
    pub async fn journal_seals(&mut self) -> Result<Vec<Seal>, MetropolisError> {
        let rows = sqlx::query(
            "SELECT seal_id, below_xid::text AS below, rows, sha256, vigie.ms(sealed_at) AS at FROM vigie.journal_seals()",
        )
        .fetch_all(&mut self.connection)
        .await
        .map_err(|e| map(&e))?;
        rows.iter()
            .map(|row| {
                let below: String = get(row, "below")?;
                Ok(Seal {
                    seal_id: get(row, "seal_id")?,
                    below_xid: xid(&below)?,
                    rows: get(row, "rows")?,
                    sha256: get(row, "sha256")?,
                    sealed_at: get(row, "at")?,
                })
            })
            .collect()
    }

    /// Gives each line of the journal to `line`, in the order in which seals cover them, with its transaction.
    pub async fn journal_lines<E: From<MetropolisError>>(
        &mut self,
        mut line: impl FnMut(u64, &str) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut rows = sqlx::query("SELECT xid::text, line FROM vigie.journal_lines()").fetch(&mut self.connection);
        while let Some(row) = rows.try_next().await.map_err(|e| map(&e))? {
            let (at, text): (String, String) =
                row.try_get(0).and_then(|at| Ok((at, row.try_get(1)?))).map_err(|e| map(&e))?;
            line(xid(&at)?, &text)?;
        }
        Ok(())
    }

    /// Computes the chain again and compares it. Both are read at one snapshot.
    pub async fn verify_journal(&mut self) -> Result<Verification, MetropolisError> {
        self.run("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?;
        let seals = self.journal_seals().await?;
        let mut chain = Chain::new(seals);
        let read = self.journal_lines(|at, line| {
            chain.line(at, line);
            Ok::<_, MetropolisError>(())
        });
        let read = read.await;
        self.run("ROLLBACK").await?;
        read?;
        Ok(chain.end())
    }
}

fn xid(text: &str) -> Result<u64, MetropolisError> {
    text.parse().map_err(|_| MetropolisError::Unexpected(format!("a transaction called {text}")))
}

/// The chain being computed again: pure, so that another program can do the same.
struct Chain {
    seals: std::iter::Peekable<std::vec::IntoIter<Seal>>,
    hash: Sha256,
    previous: Option<Seal>,
    counted: i64,
    found: Verification,
}

impl Chain {
    fn new(seals: Vec<Seal>) -> Self {
        Self {
            seals: seals.into_iter().peekable(),
            hash: Sha256::new(),
            previous: None,
            counted: 0,
            found: Verification { seals: 0, rows: 0, unsealed: 0, broken: None },
        }
    }

    fn line(&mut self, at: u64, line: &str) {
        while self.seals.peek().is_some_and(|seal| at >= seal.below_xid) {
            self.close();
        }
        if self.seals.peek().is_some() {
            self.hash.update(line.as_bytes());
            self.hash.update(b"\n");
            self.counted += 1;
        } else {
            self.found.unsealed += 1;
        }
    }

    /// Compares the seal that is due with what was read.
    fn close(&mut self) {
        let Some(seal) = self.seals.next() else { return };
        let computed = std::mem::take(&mut self.hash).finalize().to_vec();
        let expected = self.previous.as_ref().map_or(1, |before| before.seal_id + 1);
        let broken = if seal.seal_id != expected {
            Some(format!("seal {expected} is missing"))
        } else if self.previous.as_ref().is_some_and(|before| before.below_xid >= seal.below_xid) {
            Some(format!("seal {} does not follow the one before it", seal.seal_id))
        } else if seal.rows != self.counted {
            let (seal_id, rows, counted) = (seal.seal_id, seal.rows, self.counted);
            Some(format!("under seal {seal_id} there were {rows} rows and now there are {counted}"))
        } else if seal.sha256 != computed {
            Some(format!("a row under seal {} is not what it was, or the seal is not", seal.seal_id))
        } else {
            None
        };
        match broken {
            // The first break says where; what follows it can only differ too.
            Some(words) if self.found.broken.is_none() => self.found.broken = Some(words),
            Some(_) => {}
            None => {
                self.found.seals += 1;
                self.found.rows += u64::try_from(self.counted).unwrap_or(0);
            }
        }
        self.hash.update(&seal.sha256);
        self.counted = 0;
        self.previous = Some(seal);
    }

    fn end(mut self) -> Verification {
        while self.seals.peek().is_some() {
            self.close();
        }
        self.found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINES: [(u64, &str); 4] = [(5, "a"), (5, "b"), (7, "c"), (9, "d")];

    fn seals() -> Vec<Seal> {
        let first = Sha256::digest(b"a\nb\n").to_vec();
        let second = Sha256::digest([first.as_slice(), b"c\n"].concat()).to_vec();
        let seal = |seal_id, below_xid, rows, sha256| Seal { seal_id, below_xid, rows, sha256, sealed_at: 0 };
        vec![seal(1, 6, 2, first), seal(2, 8, 1, second)]
    }

    fn verify(lines: &[(u64, &str)], seals: Vec<Seal>) -> Verification {
        let mut chain = Chain::new(seals);
        for (at, line) in lines {
            chain.line(*at, line);
        }
        chain.end()
    }

    #[test]
    fn what_was_sealed_fits_and_the_rest_is_counted() {
        let found = verify(&LINES, seals());
        assert_eq!(found, Verification { seals: 2, rows: 3, unsealed: 1, broken: None });
        assert_eq!(verify(&LINES, Vec::new()).unsealed, 4);
    }

    #[test]
    fn a_row_changed_removed_added_or_moved_and_a_seal_changed_or_removed_break_the_chain() {
        let broken = |lines: &[(u64, &str)], seals| verify(lines, seals).broken.expect("broken");
        assert!(broken(&[(5, "a"), (5, "x"), (7, "c")], seals()).contains("seal 1"));
        assert!(broken(&[(5, "b"), (5, "a"), (7, "c")], seals()).contains("seal 1"));
        assert!(broken(&[(5, "a"), (7, "c")], seals()).contains("seal 1"));
        assert!(broken(&[(5, "a"), (5, "b"), (6, "z"), (7, "c")], seals()).contains("seal 2"));
        assert!(broken(&LINES, seals().into_iter().skip(1).collect()).contains("seal 1 is missing"));
        let mut altered = seals();
        altered[0].sha256[0] ^= 1;
        assert!(broken(&LINES, altered).contains("seal 1"));
    }
}
