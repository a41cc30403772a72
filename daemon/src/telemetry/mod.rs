//! What the daemon says about itself: logs and traces.
//!
//! Only our own targets speak at the configured level; libraries speak from `warn` on, because some
//! of them log what we must not (an HTTP client its URLs, a parser its input).

mod mask;
mod panics;

use std::io::IsTerminal;

use opentelemetry::trace::TracerProvider;
use opentelemetry_otlp::WithExportConfig;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SdkTracerProvider;
use reissue_config::{Level, LogFormat, Telemetry};
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, Registry};

use self::mask::Masked;

/// Keeps the exporter of traces until the daemon ends.
pub struct Guard(Option<SdkTracerProvider>);

impl Drop for Guard {
    fn drop(&mut self) {
        if let Some(provider) = &self.0 {
            // What cannot be exported now is lost with the process; there is nobody to tell.
            let _ = provider.shutdown();
        }
    }
}

/// Begins to log and to trace as configured.
///
/// # Errors
/// One sentence, when the exporter of traces cannot be set up.
pub fn begin(settings: &Telemetry) -> Result<Guard, String> {
    let provider = settings
        .otlp
        .as_ref()
        .map(|otlp| exporter(&otlp.endpoint))
        .transpose()?;
    let traces = provider.as_ref().map(|provider| {
        tracing_opentelemetry::layer()
            .with_tracer(provider.tracer("reissue"))
            .with_location(false)
            .with_threads(false)
            .with_tracked_inactivity(false)
    });
    tracing_subscriber::registry()
        .with(log(settings).with_filter(targets(settings.log)))
        .with(traces.with_filter(Targets::new().with_target("reissue", LevelFilter::INFO)))
        .init();
    panics::log_panics();
    Ok(Guard(provider))
}

fn log(settings: &Telemetry) -> Box<dyn Layer<Registry> + Send + Sync> {
    let format = settings.format.unwrap_or_else(|| {
        if std::io::stderr().is_terminal() {
            LogFormat::Pretty
        } else if std::env::var_os("JOURNAL_STREAM").is_some() {
            LogFormat::Journald
        } else {
            LogFormat::Json
        }
    });
    let lines = tracing_subscriber::fmt::layer().with_writer(|| Masked::new(std::io::stderr()));
    match format {
        LogFormat::Pretty => lines
            .with_ansi(std::io::stderr().is_terminal())
            .with_target(false)
            .boxed(),
        LogFormat::Json => json(lines),
        // Without a journal to talk to, its lines would be lost.
        LogFormat::Journald => match tracing_journald::layer() {
            Ok(journal) => journal.boxed(),
            Err(_) => json(lines),
        },
    }
}

fn json<W>(
    lines: tracing_subscriber::fmt::Layer<
        Registry,
        tracing_subscriber::fmt::format::DefaultFields,
        tracing_subscriber::fmt::format::Format,
        W,
    >,
) -> Box<dyn Layer<Registry> + Send + Sync>
where
    W: for<'w> tracing_subscriber::fmt::MakeWriter<'w> + Send + Sync + 'static,
{
    // The innermost span says which run it is; the whole list would say it twice.
    lines
        .json()
        .flatten_event(true)
        .with_span_list(false)
        .with_target(false)
        .boxed()
}

fn targets(level: Level) -> Targets {
    let ours = match level {
        Level::Error => LevelFilter::ERROR,
        Level::Warn => LevelFilter::WARN,
        Level::Info => LevelFilter::INFO,
        Level::Debug => LevelFilter::DEBUG,
        Level::Trace => LevelFilter::TRACE,
    };
    Targets::new()
        .with_target("reissue", ours)
        .with_default(LevelFilter::WARN.min(ours))
}

fn exporter(endpoint: &str) -> Result<SdkTracerProvider, String> {
    let exporter = opentelemetry_otlp::SpanExporter::builder()
        .with_http()
        .with_endpoint(format!("{}/v1/traces", endpoint.trim_end_matches('/')))
        .build()
        .map_err(|error| format!("telemetry.otlp: no exporter for {endpoint}: {error}"))?;
    Ok(SdkTracerProvider::builder()
        .with_resource(Resource::builder().with_service_name("reissue").build())
        .with_batch_exporter(exporter)
        .build())
}
