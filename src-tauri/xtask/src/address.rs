//! The address of a metropolis holds no password: every user of a machine can read the arguments of every program.

use anyhow::bail;

/// Refuses an address with a password in it, and says how to do it. The address itself is not repeated.
pub(crate) fn refuse_password(address: &str) -> anyhow::Result<()> {
    if has_password(address) {
        bail!(
            "the address of the metropolis holds a password, which anyone on this machine could read. Take it out, and either\n  \
             - leave it out: the sign-in screen asks for it, or\n  \
             - put `host:port:database:user:password` in a file of mode 0600 and name it: PGPASSFILE=/path/to/file cargo xtask run --metropolis …"
        );
    }
    Ok(())
}

/// Whether the address has a password, before the host or among the parameters.
fn has_password(address: &str) -> bool {
    let (rest, query) = address.split_once('?').unwrap_or((address, ""));
    let authority = rest.split_once("://").map_or(rest, |(_, rest)| rest);
    let user_info = authority.rsplit_once('@').map(|(user_info, _)| user_info);
    let before_host =
        user_info.is_some_and(|info| info.split_once(':').is_some_and(|(_, password)| !password.is_empty()));
    let parameter = query.split(['&', ';']).any(|pair| {
        let name = pair.split('=').next().unwrap_or_default();
        name.eq_ignore_ascii_case("password") || name.eq_ignore_ascii_case("sslpassword")
    });
    before_host || parameter
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_found_before_the_host_and_among_the_parameters() {
        for address in [
            "postgres://u:secret@host/vigie",
            "postgresql://u:p@ss@host:5432/vigie",
            "postgres://u@host/vigie?sslmode=require&password=secret",
            "postgres://host/vigie?PASSWORD=x",
        ] {
            assert!(has_password(address), "{address}");
        }
    }

    #[test]
    fn an_address_without_a_password_passes() {
        for address in [
            "postgres://host/vigie",
            "postgres://u@host:5432/vigie",
            "postgres://u:@host/vigie",
            "postgres://u@[::1]:5432/vigie?sslmode=verify-full",
            "postgres:///vigie?host=/run/postgresql",
        ] {
            assert!(!has_password(address), "{address}");
        }
    }

    #[test]
    fn the_refusal_does_not_repeat_the_password() {
        let refusal = refuse_password("postgres://u:tr3s-secret@host/vigie").unwrap_err().to_string();
        assert!(!refusal.contains("tr3s-secret"));
        assert!(refusal.contains("PGPASSFILE"));
    }
}
