//! An empty Tauri window. It prints when its page was first painted (ms since 1970), and stays until it is ended.

use std::io::Write as _;

use tauri::WebviewWindowBuilder;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    tauri::Builder::default()
        .setup(|app| {
            let config = app.config().app.windows.first().ok_or("no window is described")?;
            WebviewWindowBuilder::from_config(app.handle(), config)?
                .on_document_title_changed(|_, title| {
                    if title.parse::<f64>().is_ok() {
                        let mut out = std::io::stdout();
                        // Nobody listening any more: the measure is over.
                        let _ = writeln!(out, "{title}").and_then(|()| out.flush());
                    }
                })
                .build()?;
            Ok(())
        })
        .run(tauri::generate_context!())?;
    Ok(())
}
