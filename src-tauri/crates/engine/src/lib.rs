//! Link, puller, lanes and review of a workstation.
