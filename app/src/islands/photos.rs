//! Makes chosen photos small before they are sent: a 12 MB photo over a shop's network is a minute, 400 kB is two seconds. The
//! canvas also drops place and device. The server cleans again, whatever arrives.

use leptos::prelude::*;
use leptos::wasm_bindgen::{JsCast as _, JsValue, closure::Closure};
use leptos::web_sys::{
    Blob, CanvasRenderingContext2d, DataTransfer, File, FilePropertyBag, HtmlCanvasElement, HtmlInputElement, ImageBitmap, window,
};
use wasm_bindgen_futures::{JsFuture, spawn_local};

/// Replaces the chosen files by smaller ones; where anything fails, the files stay as they were chosen. The words are those for one, and for
/// any other number.
pub(super) fn shrink_on_change(input: HtmlInputElement, side: u32, words: [&'static str; 2], note: RwSignal<String>) {
    let listening = input.clone();
    let changed = Closure::<dyn FnMut()>::new(move || {
        let input = listening.clone();
        spawn_local(async move {
            if let Ok((files, bytes)) = small_files(&input, side).await {
                let kb = (bytes / 1024.0).ceil() as u32;
                note.set(words[usize::from(files != 1)].replace("{n}", &files.to_string()).replace("{kb}", &kb.to_string()));
            }
        });
    });
    let _ = input.add_event_listener_with_callback("change", changed.as_ref().unchecked_ref());
    changed.forget();
}

async fn small_files(input: &HtmlInputElement, side: u32) -> Result<(u32, f64), JsValue> {
    let files = input.files().ok_or(JsValue::NULL)?;
    let transfer = DataTransfer::new()?;
    let mut bytes = 0.0;
    for place in 0..files.length() {
        let Some(file) = files.get(place) else {
            continue;
        };
        // A file no canvas can read goes as it is; the server says what is wrong with it.
        let small = small(&file, side).await.unwrap_or(file);
        bytes += small.size();
        transfer.items().add_with_file(&small)?;
    }
    input.set_files(transfer.files().as_ref());
    Ok((files.length(), bytes))
}

async fn small(file: &File, side: u32) -> Result<File, JsValue> {
    let window = window().ok_or(JsValue::NULL)?;
    let bitmap: ImageBitmap = JsFuture::from(window.create_image_bitmap_with_blob(file)?).await?.unchecked_into();
    let (width, height) = (f64::from(bitmap.width()), f64::from(bitmap.height()));
    let scale = (f64::from(side) / width.max(height)).min(1.0);
    let document = window.document().ok_or(JsValue::NULL)?;
    let canvas: HtmlCanvasElement = document.create_element("canvas")?.unchecked_into();
    canvas.set_width((width * scale).round() as u32);
    canvas.set_height((height * scale).round() as u32);
    let context: CanvasRenderingContext2d = canvas.get_context("2d")?.ok_or(JsValue::NULL)?.unchecked_into();
    let (w, h) = (f64::from(canvas.width()), f64::from(canvas.height()));
    context.draw_image_with_image_bitmap_and_dw_and_dh(&bitmap, 0.0, 0.0, w, h)?;
    let blob = jpeg(&canvas).await?;
    let options = FilePropertyBag::new();
    options.set_type("image/jpeg");
    let parts = js_sys::Array::of1(&blob);
    File::new_with_blob_sequence_and_options(&parts, "photo.jpg", &options)
}

async fn jpeg(canvas: &HtmlCanvasElement) -> Result<Blob, JsValue> {
    let promise = js_sys::Promise::new(&mut |resolve, _| {
        let done = Closure::once_into_js(move |blob: JsValue| {
            let _ = resolve.call1(&JsValue::NULL, &blob);
        });
        let _ = canvas.to_blob_with_type_and_encoder_options(done.unchecked_ref(), "image/jpeg", &JsValue::from_f64(0.85));
    });
    JsFuture::from(promise).await?.dyn_into()
}
