//! Behaviours of a deposit. Each begins with an empty one.

use vigie_core::ids::RecordId;
use vigie_core::port::Deposit;

use super::samples::{deposited, key};

/// Left twice, it is there once; oldest first.
pub async fn what_is_left_is_read_as_it_was_left(deposit: &dyn Deposit) {
    for n in [2, 1, 2] {
        deposit.leave(&deposited(n)).await.unwrap();
    }
    assert_eq!(deposit.left().await.unwrap(), [deposited(1), deposited(2)]);
}

/// And nothing else.
pub async fn what_is_taken_away_is_gone(deposit: &dyn Deposit) {
    for n in 1..=3 {
        deposit.leave(&deposited(n)).await.unwrap();
    }
    deposit.take_away(&[RecordId(key(1)), RecordId(key(3)), RecordId(key(8))]).await.unwrap();
    assert_eq!(deposit.left().await.unwrap(), [deposited(2)]);
}

/// The last number said, while there is something.
pub async fn what_waits_in_each_account_is_said(deposit: &dyn Deposit) {
    deposit.tell_waiting("c.martin", 3).await.unwrap();
    deposit.tell_waiting("a.dubois", 1).await.unwrap();
    deposit.tell_waiting("c.martin", 0).await.unwrap();
    assert_eq!(deposit.waiting().await.unwrap(), [("a.dubois".to_owned(), 1)]);
}
