//! What a host offers its interface: commands, views, errors, subscriptions.
