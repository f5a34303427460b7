//! The demo's figures: two months of visits and checks that nobody made, so that the page shows what it is for. It says that they are made up.

use base::clock::DAY_MS;
use engine::Engine;
use ledger::name::Name;
use store::record::StateRecord;
use store::record::tally::{Counts, Place, Tallied, Tally};
use trace::page::CodeHistory;

use crate::counting::Goods;
use crate::feedback::letters::owner;
use crate::pages::{self, Scanned};
use crate::state::DemoItem;

/// Days before today that have figures.
const DAYS: u32 = 60;

/// Writes them.
pub async fn load(engine: &Engine, items: &[DemoItem]) -> Result<(), String> {
    let view = engine.view();
    let mut goods = Vec::new();
    for item in items {
        let name = Name::from_digital_link_path(&item.path).map_err(|error| error.to_string())?;
        let page = pages::about(&view, &name, Scanned { lot: None, code: CodeHistory::NotCounted, demo: true })?;
        let of = page.as_ref().map(Goods::of).unwrap_or_default();
        goods.extend(owner(engine, &view, &of.gtin).map(|brand| (brand, of)));
    }
    let today = u32::try_from(engine.now_ms() / DAY_MS).map_err(|error| error.to_string())?;
    for day in today.saturating_sub(DAYS)..today {
        let rows = (0u64..).zip(&goods).flat_map(|(n, (brand, of))| of_a_day(day, n, brand, of)).collect();
        engine.state(StateRecord::Tally(Tally { day, rows })).await.map_err(|error| error.to_string())?;
    }
    Ok(())
}

/// More on weekends, less for some goods than for others; the same in every demo of that day.
fn of_a_day(day: u32, n: u64, brand: &str, of: &Goods) -> [Tallied; 2] {
    let day = u64::from(day);
    let weekend = u64::from((day + 4) % 7 >= 5);
    let opened = 2 + n % 5 + (day * 7 + n * 11) % 6 + weekend * (4 + n % 3);
    let place = Place { brand: brand.to_owned(), gtin: of.gtin.clone(), lot: of.lot.clone(), store: of.store.clone() };
    let visits = Counts { opened, first: opened / 3, ..Counts::default() };
    // A phone does not know at which store its pack was sold.
    let checks =
        Counts { verified: opened * 4 / 5, failed: u64::from((day + n).is_multiple_of(29)), undecided: (day + n) % 2, ..Counts::default() };
    [Tallied { of: place.clone(), counts: visits }, Tallied { of: Place { store: None, ..place }, counts: checks }]
}
