//! The link: shown lost within five seconds whatever the way it fails, and back by itself.

use std::time::Duration;

use vigie_core::link::LinkState;
use vigie_training::DeskFault;

use crate::room::Room;

#[tokio::test(start_paused = true)]
async fn a_link_that_dies_silently_is_shown_lost_within_five_seconds_and_comes_back_by_itself() {
    let room = Room::open().await;
    for fault in [DeskFault::Hang, DeskFault::Refuse] {
        room.training.set_fault(Some(fault));
        tokio::time::sleep(Duration::from_secs(6)).await;
        assert_eq!(room.engine.status().link.state, LinkState::Lost, "{fault:?}");
        room.training.set_fault(None);
        let back = tokio::time::Instant::now();
        room.until_live().await;
        assert!(back.elapsed() <= Duration::from_secs(5), "{fault:?}: {:?}", back.elapsed());
    }
}

#[tokio::test(start_paused = true)]
async fn the_age_of_what_is_shown_grows_while_the_link_is_lost() {
    let room = Room::open().await;
    room.training.set_plugged(false);
    room.until_lost().await;
    let heard = room.engine.status().link.heard_at.unwrap();
    tokio::time::sleep(Duration::from_secs(300)).await;
    let status = room.engine.status();
    assert_eq!(status.link.heard_at, Some(heard));
    assert!(status.now.since(heard) >= Duration::from_secs(300));
}

#[tokio::test(start_paused = true)]
async fn a_new_epoch_makes_the_local_copy_anew() {
    let room = Room::open().await;
    let before = room.engine.picture(|p| p.generation);
    room.training.begin_epoch(uuid::Uuid::from_u128(99));
    room.until("a new copy", |e| e.picture(|p| p.generation) > before).await;
    room.until_live().await;
    assert_eq!(room.engine.status().identity.unwrap().epoch, uuid::Uuid::from_u128(99));
}

#[tokio::test(start_paused = true)]
async fn a_restart_without_a_link_shows_the_last_known_city_and_says_how_old_it_is() {
    let mut room = Room::open().await;
    let objects = room.engine.picture(|p| p.objects().len());
    room.training.set_plugged(false);
    room.crash().await;
    let status = room.engine.status();
    assert_eq!(room.engine.picture(|p| p.objects().len()), objects);
    assert_eq!(status.phase, vigie_engine::Phase::Ready);
    assert_ne!(status.link.state, LinkState::Live);
    assert!(status.link.heard_at.is_some());
}
