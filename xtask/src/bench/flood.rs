//! `bench flood`: strangers call the webhooks as fast as this machine lets them, each time on another
//! connection, because the daemon ends each. Meanwhile somebody asks how the daemon is, reports are
//! collected, and the provider's own calls come.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use clap::Args;

use super::figures::{Figure, median};
use crate::scene::{self, Answers, Asks, Order, Scene, Schedule};

/// What a stranger sends.
const GUESS: &str = "POST /hooks/amex/guess HTTP/1.1\r\nhost: us\r\n\
                     content-type: application/json\r\ncontent-length: 2\r\n\r\n{}";
const HEALTH: &str = "GET /healthz HTTP/1.1\r\nhost: us\r\nconnection: close\r\n\r\n";

/// How often somebody asks how the daemon is.
const ASK_EVERY: Duration = Duration::from_millis(10);

const REPORT: &str = "amex-daily";

/// Records of each report.
const RECORDS: u32 = 10_000;

/// How to measure.
#[derive(Args)]
pub(super) struct Options {
    /// For how long
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u16).range(1..))]
    seconds: u16,
    /// How many strangers call at the same time
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = clap::value_parser!(u16).range(1..=1_000))]
    strangers: u16,
}

/// What the strangers got.
#[derive(Default)]
struct Strangers {
    answered: AtomicU64,
    unanswered: AtomicU64,
}

/// What went on for a while.
struct Meanwhile {
    /// How long each answer to `/healthz` took, in ms, sorted.
    health: Vec<f64>,
    /// How long each report took from the slot to the sink, in seconds.
    reports: Vec<f64>,
    /// The same from the provider's event to the sink.
    events: Vec<f64>,
}

/// Measures without and with a flood.
pub(super) fn flood(options: &Options) -> Result<Vec<Figure>> {
    let schedules = [
        Schedule::given(Asks::Amex, Answers::Awaited),
        Schedule::on_demand(REPORT),
    ];
    let mut figures = Vec::new();
    scene::play(&schedules, |scene| {
        subscribe(scene)?;
        let time = Duration::from_secs(options.seconds.into());
        let quiet = meanwhile(scene, time / 4)?;
        let strangers = scene.world.listens("[webhooks]")?;
        let (over, answers) = (AtomicBool::new(false), Strangers::default());
        let began = Instant::now();
        let flooded = thread::scope(|scope| {
            for _ in 0..options.strangers {
                scope.spawn(|| call_until(strangers, &over, &answers));
            }
            let flooded = meanwhile(scene, time);
            over.store(true, Ordering::Relaxed);
            flooded
        })?;
        let answered = answers.answered.load(Ordering::Relaxed);
        let rate = answered as f64 / began.elapsed().as_secs_f64();
        figures = vec![
            Figure::new("requests of strangers answered, a second", rate, "/s"),
            Figure::new(
                "  not answered",
                answers.unanswered.load(Ordering::Relaxed) as f64,
                "",
            ),
        ];
        figures.extend(told("in quiet", &quiet));
        figures.extend(told("in a flood", &flooded));
        Ok(())
    })?;
    Ok(figures)
}

fn told(when: &str, meanwhile: &Meanwhile) -> Vec<Figure> {
    let health = &meanwhile.health;
    let share = |share: f64| health[(health.len() as f64 * share) as usize];
    vec![
        Figure::new(format!("/healthz {when}, median"), share(0.5), "ms"),
        Figure::new(format!("/healthz {when}, of 99 %"), share(0.99), "ms").at_most(50.0),
        Figure::new(
            format!("a report of {RECORDS} records {when}, median"),
            median(meanwhile.reports.iter().copied()),
            "s",
        ),
        Figure::new(
            format!("an event of the provider's {when}, median"),
            median(meanwhile.events.iter().copied()),
            "s",
        ),
    ]
}

/// Has the provider call us for some cards.
fn subscribe(scene: &mut Scene<'_>) -> Result<()> {
    let cards = include_str!("../demo/cards/amex.csv");
    let folder = scene.world.cards(Asks::Amex);
    std::fs::write(folder.join("wanted.csv"), cards)?;
    scene.reissue.enrol(Asks::Amex.name())?;
    scene.reissue.run(Asks::Amex.name())
}

/// Reports and events one after the other for so long, while somebody asks how the daemon is.
fn meanwhile(scene: &mut Scene<'_>, time: Duration) -> Result<Meanwhile> {
    let health = scene.world.listens("[admin]")?;
    let over = AtomicBool::new(false);
    let until = Instant::now() + time;
    let (mut reports, mut events) = (Vec::new(), Vec::new());
    let asked = thread::scope(|scope| {
        let asking = scope.spawn(|| ask_until(health, &over));
        let worked = (|| {
            while Instant::now() < until {
                reports.push(report(scene)?);
                events.push(event(scene)?);
            }
            Ok(())
        })();
        over.store(true, Ordering::Relaxed);
        let asked = asking.join();
        worked.and_then(|()| asked.map_err(|_| anyhow::anyhow!("nobody asked"))?)
    });
    let mut health = asked?;
    health.sort_by(f64::total_cmp);
    Ok(Meanwhile {
        health,
        reports,
        events,
    })
}

fn report(scene: &mut Scene<'_>) -> Result<f64> {
    scene.provider.make(&Order {
        job: REPORT,
        source: "AMEX_MAINTENANCE",
        records: RECORDS,
        ..Order::default()
    })?;
    let began = Instant::now();
    scene.reissue.run(REPORT)?;
    Ok(began.elapsed().as_secs_f64())
}

fn event(scene: &mut Scene<'_>) -> Result<f64> {
    let began = Instant::now();
    let event = scene.provider.change_subscribed_cards()?;
    scene.wait_for("the event's batch", Duration::from_secs(60), |scene| {
        let batches = scene.reissue.batches()?;
        let mut delivered = batches.iter().filter(|batch| batch.state == "delivered");
        Ok(delivered.any(|batch| batch.id() == event.id).then_some(()))
    })?;
    Ok(began.elapsed().as_secs_f64())
}

fn call_until(daemon: SocketAddr, over: &AtomicBool, answers: &Strangers) {
    while !over.load(Ordering::Relaxed) {
        let counted = match ask(daemon, GUESS) {
            Ok(answer) if answer.starts_with("HTTP/1.1 4") => &answers.answered,
            _ => &answers.unanswered,
        };
        counted.fetch_add(1, Ordering::Relaxed);
    }
}

fn ask_until(daemon: SocketAddr, over: &AtomicBool) -> Result<Vec<f64>> {
    let mut took = Vec::new();
    while !over.load(Ordering::Relaxed) {
        let began = Instant::now();
        let answer = ask(daemon, HEALTH)?;
        if !answer.starts_with("HTTP/1.1 200") {
            bail!("the daemon is not well: {answer}");
        }
        took.push(began.elapsed().as_secs_f64() * 1e3);
        thread::sleep(ASK_EVERY);
    }
    Ok(took)
}

fn ask(daemon: SocketAddr, request: &str) -> Result<String> {
    let mut stream = TcpStream::connect(daemon).context("the daemon cannot be reached")?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    stream.write_all(request.as_bytes())?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}
