//! A symbol for the terminal: the address that a phone on the same network opens.

use qrcode::render::unicode::Dense1x2;
use qrcode::{EcLevel, QrCode};

/// The address as a QR code in half-block characters, light on dark terminals and dark on light ones.
pub fn qr(address: &str) -> Option<String> {
    let code = QrCode::with_error_correction_level(address, EcLevel::L).ok()?;
    Some(code.render::<Dense1x2>().dark_color(Dense1x2::Light).light_color(Dense1x2::Dark).quiet_zone(true).build())
}

#[cfg(test)]
mod tests {
    #[test]
    fn it_is_drawn_whole() {
        assert!(super::qr("http://192.168.1.20:3000/").unwrap().lines().count() > 10);
    }
}
