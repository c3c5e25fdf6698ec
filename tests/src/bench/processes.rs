//! What processes cost: processor time and memory as Linux counts them.

use anyhow::Context;
use vigie_testkit::postgres::Server;

/// Ticks of `/proc/*/stat` in a second (proc(5): `sysconf(_SC_CLK_TCK)`, 100 wherever Vigie runs).
const TICKS: f64 = 100.0;

/// Parent and seconds of processor of a process, the second with and without those of its ended children.
#[derive(Debug, PartialEq)]
struct Stat {
    parent: u32,
    own: f64,
    children: f64,
}

/// Reads `/proc/PID/stat`: the name may hold spaces and brackets, so that fields are counted from the last bracket.
fn stat(text: &str) -> Option<Stat> {
    let fields: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
    let seconds = |at: usize| Some(fields.get(at)?.parse::<f64>().ok()? / TICKS);
    Some(Stat {
        parent: fields.get(1)?.parse().ok()?,
        own: seconds(11)? + seconds(12)?,
        children: seconds(13)? + seconds(14)?,
    })
}

fn read(pid: u32) -> Option<Stat> {
    stat(&std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
}

/// Seconds of processor that all processes of a server used since it started, also those that ended.
pub fn of_server(server: &Server) -> anyhow::Result<f64> {
    let file = server.directory().join("data/postmaster.pid");
    let text = std::fs::read_to_string(&file).with_context(|| format!("{} cannot be read", file.display()))?;
    let first: u32 = text.lines().next().context("a server without a number")?.parse()?;
    let postmaster = read(first).context("only Linux says what a server costs")?;
    let mut sum = postmaster.own + postmaster.children;
    for entry in std::fs::read_dir("/proc")?.flatten() {
        let child = entry.file_name().to_str().and_then(|name| name.parse().ok()).and_then(read);
        sum += child.filter(|child| child.parent == first).map_or(0.0, |child| child.own);
    }
    Ok(sum)
}

/// The most memory that this process ever held, in MB.
pub fn peak_megabytes() -> anyhow::Result<f64> {
    let status = std::fs::read_to_string("/proc/self/status").context("only Linux says what a process held")?;
    let line = status.lines().find(|l| l.starts_with("VmHWM:")).context("no VmHWM")?;
    let kilobytes: f64 = line.split_whitespace().nth(1).context("no VmHWM")?.parse()?;
    Ok(kilobytes / 1024.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_read_whatever_its_name_holds() {
        let text = "42 (a (b) c) S 7 42 42 0 -1 4194560 100 0 0 0 250 50 30 20 20 0 1 0 100 0 0";
        assert_eq!(stat(text), Some(Stat { parent: 7, own: 3.0, children: 0.5 }));
        assert_eq!(stat("42 (cut"), None);
    }

    #[test]
    fn a_server_that_works_costs_more() {
        let server = Server::start().unwrap();
        let server = std::sync::Arc::new(server);
        let before = of_server(&server).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let database = server.database().await.unwrap();
            let mut owner = database.connect().await.unwrap();
            sqlx::query("SELECT count(*) FROM generate_series(1, 2000000)").execute(&mut owner).await.unwrap();
        });
        assert!(of_server(&server).unwrap() > before);
    }
}
