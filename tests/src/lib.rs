//! System tests: stories, contracts and the real window.
