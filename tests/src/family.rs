//! A program with all that it started, as Linux lists its processes.

use std::fs;

use anyhow::Context as _;

/// A process, what it started, what these started, and so on.
pub(crate) fn family(root: u32) -> anyhow::Result<Vec<u32>> {
    let mut parents = Vec::new();
    for entry in fs::read_dir("/proc").context("only Linux lists its processes")?.flatten() {
        let Some(id) = entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else { continue };
        // A process that has just ended has nothing to say.
        let Ok(stat) = fs::read_to_string(entry.path().join("stat")) else { continue };
        let parent = stat.rsplit(") ").next().and_then(|rest| rest.split(' ').nth(1)?.parse::<u32>().ok());
        parents.extend(parent.map(|parent| (id, parent)));
    }
    Ok(among(root, &parents))
}

/// Of these, those whose program has this name.
pub(crate) fn named(family: &[u32], name: &str) -> Vec<u32> {
    // The kernel keeps fifteen letters of it (proc(5), `comm`).
    let kept: String = name.chars().take(15).collect();
    let is = |id: &&u32| fs::read_to_string(format!("/proc/{id}/comm")).is_ok_and(|comm| comm.trim_end() == kept);
    family.iter().filter(is).copied().collect()
}

/// The family of a process from pairs of a process and its parent.
fn among(root: u32, parents: &[(u32, u32)]) -> Vec<u32> {
    let mut family = vec![root];
    loop {
        let before = family.len();
        for (id, parent) in parents {
            if family.contains(parent) && !family.contains(id) {
                family.push(*id);
            }
        }
        if family.len() == before {
            return family;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::among;

    #[test]
    fn a_program_is_counted_with_all_that_it_started_and_nobody_else() {
        // A child may be listed before its parent, and has a number below it when numbers start again.
        let parents = [(7, 5), (5, 40), (40, 1), (6, 1), (41, 40), (8, 6)];
        let mut found = among(40, &parents);
        found.sort_unstable();
        assert_eq!(found, [5, 7, 40, 41]);
    }
}
