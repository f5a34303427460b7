//! The beef as a page model, for this crate's tests and its example: the product's own pages come from records.

use std::collections::BTreeMap;

use trace::page::{
    Author, Change, Chart, CodeHistory, Correction, Fact, File, Format, Headline, Inputs, ItemPage, Label, Level, Node, Notice, Objection,
    Often, Packs, Picture, ProductStatus, Right, Signed, SignedWords, Store, Through, Value, Video,
};

fn signed(format: Format, lines: &[(&str, &str)]) -> Signed {
    Signed { pointers: lines.iter().map(|l| l.0.to_owned()).collect(), values: lines.iter().map(|l| l.1.to_owned()).collect(), format }
}

fn both(pointer: &str, en: &str, zh: &str) -> SignedWords {
    [("en", en), ("zh", zh)]
        .into_iter()
        .map(|(lang, words)| (lang.to_owned(), signed(Format::Text, &[(&format!("{pointer}/{lang}"), words)])))
        .collect()
}

/// One fact: label and value in both languages, or a number with its unit.
fn rows(rows: &[(&str, &str, &str, &str)]) -> Vec<Fact> {
    rows.iter()
        .enumerate()
        .map(|(at, (en, zh, value, unit))| {
            let base = format!("/lp:facts/{at}");
            Fact {
                label: Label::Signed(both(&format!("{base}/lp:label"), en, zh)),
                value: match *unit {
                    "" => {
                        let (en, zh) = value.split_once('|').unwrap_or((value, value));
                        Value::Words(both(&format!("{base}/lp:text"), en, zh))
                    }
                    "time" => Value::One(signed(Format::Time, &[(&format!("{base}/lp:time"), value)])),
                    unit => {
                        Value::One(signed(Format::Quantity, &[(&format!("{base}/lp:value"), value), (&format!("{base}/lp:uom"), unit)]))
                    }
                },
                file: None,
                change: Change::Kept,
            }
        })
        .collect()
}

struct Step {
    title: (&'static str, &'static str),
    when: &'static str,
    place: (&'static str, &'static str),
    by: (&'static str, &'static str, &'static str),
    own: bool,
    facts: &'static [(&'static str, &'static str, &'static str, &'static str)],
}

const STEPS: [Step; 8] = [
    Step {
        title: ("Ranch", "牧场"),
        when: "2024-03-01T23:10:00Z",
        place: ("Pasture 7, Oboo Banner", "敖包旗 7 号草场"),
        by: ("talanuur.example", "Talanuur Ranch", "塔拉诺尔牧场"),
        own: true,
        facts: &[("Grassland", "草场", "2140", "HAR"), ("Herd", "存栏", "612 head|612 头", "")],
    },
    Step {
        title: ("Birth and feeding", "出生与饲养"),
        when: "2024-04-14T01:00:00Z",
        place: ("Pasture 7 and winter barn", "7 号草场与冬季畜舍"),
        by: ("talanuur.example", "Talanuur Ranch", "塔拉诺尔牧场"),
        own: true,
        facts: &[
            ("Breed", "品种", "Angus × Mongolian|安格斯 × 蒙古牛", ""),
            ("Ear tag", "耳标", "15 0083 7741", ""),
            ("On grass", "放牧", "26", "MON"),
            ("Finished", "育肥", "132 days, barley and silage|132 天，大麦与青贮", ""),
        ],
    },
    Step {
        title: ("Veterinary inspection", "兽医检疫"),
        when: "2026-11-08T22:40:00Z",
        place: ("Oboo Banner", "敖包旗"),
        by: ("oboo-health.example", "Oboo Animal Health Station", "敖包旗动物卫生监督所"),
        own: true,
        facts: &[
            ("Finding", "结论", "Fit for slaughter|准予屠宰", ""),
            ("Temperature", "体温", "38.6", "CEL"),
            ("Certificate", "证书", "15-2611-0093", ""),
        ],
    },
    Step {
        title: ("Slaughter", "屠宰"),
        when: "2026-11-09T03:20:00Z",
        place: ("Oboo Banner", "敖包旗"),
        by: ("suohe.example", "Suohe Meats", "索河肉业"),
        own: true,
        facts: &[
            ("Carcass", "胴体", "318", "KGM"),
            ("Inspected", "检验", "Passed, after slaughter|宰后检验合格", ""),
            ("Chilled", "冷却", "To 3.1 °C in 22 h|22 小时降至 3.1 °C", ""),
        ],
    },
    Step {
        title: ("Cutting", "分割"),
        when: "2026-11-13T00:15:00Z",
        place: ("Cutting room 2, Oboo Banner", "敖包旗 2 号分割间"),
        by: ("linwu.example", "Linwu Foods", "临坞食品"),
        own: true,
        facts: &[("Aged", "排酸", "4 days at 1 °C|4 天，1 °C", ""), ("This pack", "本包", "320", "GRM")],
    },
    Step {
        title: ("Cold chain", "冷链运输"),
        when: "2026-11-14T10:00:00Z",
        place: ("Oboo Banner to Shanghai, 2,310 km", "敖包旗至上海，2,310 公里"),
        by: ("beihe.example", "Beihe Cold Line", "北禾冷链"),
        own: true,
        facts: &[("Highest", "最高", "3.4", "CEL"), ("Lowest", "最低", "0.6", "CEL")],
    },
    Step {
        title: ("Distribution centre", "配送中心"),
        when: "2026-11-15T22:10:00Z",
        place: ("Jiading, Shanghai", "上海嘉定"),
        by: ("pinglu-logistics.example", "Pinglu Logistics", "平麓物流"),
        own: true,
        facts: &[("On arrival", "到货", "2.1", "CEL"), ("Left", "出库", "2026-11-17T02:30:00+08:00", "time")],
    },
    Step {
        title: ("Store receiving", "门店收货"),
        when: "2026-11-16T20:50:00Z",
        place: ("Wutong Road, Shanghai", "上海梧桐路"),
        by: ("pinglu.example", "Pinglu Market", "平麓市集"),
        own: false,
        facts: &[("On arrival", "到货", "1.8", "CEL"), ("On the shelf", "上架", "2026-11-17T06:00:00+08:00", "time")],
    },
];

fn author(by: (&str, &str, &str), own_key: bool) -> Author {
    let names = [("en", by.1), ("zh", by.2)].map(|(l, n)| (l.to_owned(), n.to_owned()));
    Author { id: by.0.to_owned(), names: BTreeMap::from(names), member_entry: 3, own_key }
}

fn file(pointer: &str, fill: char, media_type: &str, bytes: u64) -> File {
    File { pointer: pointer.to_owned(), hash: fill.to_string().repeat(64), media_type: media_type.to_owned(), bytes: Some(bytes) }
}

fn temperatures() -> Chart {
    const VALUES: [&str; 12] = ["2.2", "1.5", "0.9", "1.2", "0.6", "1.4", "3.4", "2.1", "1.6", "1.3", "1.9", "1.7"];
    let reading = |at: usize, value: &str| {
        let base = format!("/sensorElementList/0/sensorReport/{at}");
        let hour = 10 + at * 3;
        let time = format!("2026-11-{}T{:02}:00:00+08:00", 14 + hour / 24, hour % 24);
        (
            signed(Format::Time, &[(&format!("{base}/time"), &time)]),
            signed(Format::Quantity, &[(&format!("{base}/value"), value), (&format!("{base}/uom"), "CEL")]),
        )
    };
    Chart {
        kind: Label::Ours("Temperature".to_owned()),
        readings: VALUES.iter().enumerate().map(|(at, value)| reading(at, value)).collect(),
        limit: Some(signed(Format::Quantity, &[("/lp:limit/lp:max", "4"), ("/lp:limit/lp:uom", "CEL")])),
    }
}

fn node(at: usize, step: &Step) -> Node {
    let mut facts = rows(step.facts);
    if at == 2 {
        facts[2].file = Some(file("/lp:facts/2/lp:file", 'c', "application/pdf", 214_000));
    }
    let time = |t: &str| signed(Format::Time, &[("/eventTime", t), ("/eventTimeZoneOffset", "+08:00")]);
    Node {
        entry: 17 + at as u64,
        number: at + 1,
        through: Through::Item,
        title: both("/lp:title", step.title.0, step.title.1),
        step: signed(Format::Word, &[("/bizStep", "inspecting")]),
        when: time(step.when),
        recorded_ms: None,
        place: both("/place", step.place.0, step.place.1),
        author: author(step.by, step.own),
        facts,
        charts: if at == 5 { vec![temperatures()] } else { Vec::new() },
        pictures: Vec::new(),
        video: (at == 0).then(|| Video {
            file: file("/lp:video/lp:file", 'd', "video/mp4", 2_000_000),
            label: both("/lp:video/lp:label", "Film from the pasture", "草场影像"),
            seconds: Some(signed(Format::Quantity, &[("/lp:video/lp:seconds", "42"), ("/lp:video/lp:uom", "SEC")])),
        }),
        live: None,
        packs: (at == 4).then(|| Packs {
            count: signed(Format::Number, &[("/lp:packs/lp:count", "38")]),
            label: both("/lp:packs/lp:label", "ribeye packs came from this carcass", "包肋眼牛排出自这副胴体"),
        }),
        right: Right::Owner,
        inputs: None,
        objection: None,
        disputed: false,
        corrected: None,
        alert: false,
        red: false,
        erased: false,
        erased_why: None,
    }
}

/// The ribeye with its eight records.
pub fn beef() -> ItemPage {
    let nodes: Vec<Node> = STEPS.iter().enumerate().map(|(at, step)| node(at, step)).collect();
    let store = Store {
        location: "/414/6901234000018".to_owned(),
        name: both("/place", "Wutong Road, Shanghai", "上海梧桐路"),
        entry: 24,
        member: "pinglu.example".to_owned(),
    };
    ItemPage {
        path: "/01/09521234000044/21/7K2M9QX4TD3HWZ".to_owned(),
        level: Level::Item,
        gtin: "09521234000044".to_owned(),
        lot: Some("2611-044".to_owned()),
        lot_has_page: true,
        serial: Some("7K2M9QX4TD3HWZ".to_owned()),
        headline: Headline {
            entry: Some(9),
            name: both("/name", "Grassland beef ribeye", "草原肋眼牛排"),
            brand: both("/brand", "Talanuur", "塔拉诺尔"),
            origin: both("/origin", "From Oboo Banner, Inner Mongolia", "产自内蒙古敖包旗"),
            description: both("/description", "320 g, vacuum-packed and chilled.", "320 克，真空冷藏。"),
            story: both("/story", "From the pasture to this shelf", "从草场到这个货架"),
            story2: both("/story2", "8 records, 32 months, 2,330 km", "8 条记录，32 个月，2,330 公里"),
            picture: Some(Picture {
                file: file("/picture/file", 'a', "image/svg+xml", 3_000),
                alt: both("/picture/alt", "A raw ribeye steak with its cap", "一块带盖肉的生肋眼牛排"),
                size: Some((780, 528)),
            }),
            picture_scale: both("/picture/scale", "5 cm", "5 厘米"),
            picture_size: both("/picture/size", "15 × 11 cm", "15 × 11 厘米"),
            company: both("/company", "Talanuur Grassland Foods", "塔拉诺尔草原食品"),
            address: both("/address", "2 Salt Lake Road, Oboo Banner", "敖包旗盐湖路 2 号"),
            phone: Some(signed(Format::Text, &[("/phone", "+86 400 000 0000")])),
            offer: both(
                "/offer",
                "¥10 off the next one at Pinglu Market until 31 Dec 2026. No account, no number: show this page at the till.",
                "2026年12月31日前在平麓市集再买一件减 10 元。无需账号，结账时出示本页即可。",
            ),
        },
        use_by: Some(("itemExpirationDate".to_owned(), 21, signed(Format::Date, &[("/ilmd/cbvmda:itemExpirationDate", "2026-12-13")]))),
        notices: Vec::new(),
        nodes,
        product: ProductStatus::InOrder { days_left: Some(21), corrected: None, corrections: 0 },
        code: CodeHistory::First,
        store: Some(store),
        seller: None,
        ledger_size: 412_906,
        ledger_ms: 1_795_356_123_000,
        zone: None,
        owned: true,
        recorded: true,
        vouched: true,
        cut: false,
        demo: true,
    }
}

/// The same, recalled.
pub fn recalled() -> ItemPage {
    let mut page = beef();
    page.product = ProductStatus::Recalled("2026-11-21".to_owned());
    page.notices = vec![Notice {
        entry: 24,
        red: true,
        number: 8,
        what_to_do: both("/lp:notice/lp:do", "Do not eat this", "请勿食用"),
        why: both("/lp:notice/lp:why", "Lot 2611-044 may have been stored too warm.", "批号 2611-044 可能储存温度过高。"),
        what_you_get: both(
            "/lp:notice/lp:get",
            "Bring the pack to any Pinglu Market. You get your money back, with or without a till receipt.",
            "请将商品带到任意一家平麓市集，有无小票均可退款。",
        ),
        phone: Some(signed(Format::Text, &[("/lp:notice/lp:phone", "+86 400 000 0000")])),
        when: signed(Format::Time, &[("/eventTime", "2026-11-21T01:30:00Z"), ("/eventTimeZoneOffset", "+08:00")]),
        author: author(("talanuur.example", "Talanuur", "塔拉诺尔"), true),
    }];
    page
}

/// The product of the beef, of which nothing is recorded but its owner's words.
pub fn product() -> ItemPage {
    ItemPage {
        path: "/01/09521234000044".to_owned(),
        level: Level::Product,
        serial: None,
        lot: None,
        use_by: None,
        nodes: Vec::new(),
        zone: None,
        store: None,
        product: ProductStatus::Unknown,
        code: CodeHistory::Shared,
        ..beef()
    }
}

/// The same, scanned suspiciously often and with one corrected record.
pub fn scanned() -> ItemPage {
    let mut page = beef();
    page.code = CodeHistory::Seen { count: 214, first_day: "2026-11-19".to_owned(), days: 14, unlike: Often { unlike: 95, days: 14 } };
    page.product = ProductStatus::InOrder { days_left: Some(21), corrected: Some("2026-11-15".to_owned()), corrections: 1 };
    page.nodes[3].corrected = Some(Correction {
        by_entry: 25,
        at: signed(Format::Time, &[("/errorDeclaration/declarationTime", "2026-11-15T02:00:00Z")]),
        reason: Some(signed(Format::Word, &[("/errorDeclaration/reason", "incorrect_data")])),
        words: SignedWords::new(),
    });
    for fact in &mut page.nodes[3].facts {
        fact.change = Change::Gone;
    }
    page.nodes[6].recorded_ms = Some(1_795_356_123_000);
    page
}

/// The same with records by others than the owner and its partners, and what follows from that.
pub fn others() -> ItemPage {
    let mut page = beef();
    page.nodes[0].right = Right::Unowned;
    page.nodes[2].right = Right::Regulator;
    page.nodes[4].inputs = Some(Inputs::Said);
    page.nodes[6].right = Right::Independent;
    page.nodes[7].objection = Some(Objection {
        entry: 26,
        when: signed(Format::Time, &[("/eventTime", "2026-11-18T02:00:00Z"), ("/eventTimeZoneOffset", "+08:00")]),
        words: both("/lp:reason", "This store has not had this pack.", "该门店未进过此包商品。"),
        author: author(("talanuur.example", "Talanuur", "塔拉诺尔"), true),
    });
    (page.nodes[5].alert, page.nodes[5].disputed) = (true, true);
    let mut warning = recalled().notices.remove(0);
    (warning.red, warning.phone) = (false, None);
    page.notices = vec![warning];
    page
}

fn scripts(tag: &str) -> crate::context::Scripts {
    crate::context::Scripts {
        page: format!("/page.{tag}.js"),
        more: format!("/more.{tag}.js"),
        draw: "/draw.js".to_owned(),
        stage: format!("/stage.{tag}.js"),
        reader: format!("/reader.{tag}.js"),
        scanner: format!("/scanner.{tag}.js"),
    }
}

/// A context as the server makes one.
pub fn context(lang: crate::context::Lang) -> crate::context::PageContext {
    crate::context::PageContext {
        lang,
        public_url: "https://id.talanuur.example".to_owned(),
        here: "/01/09521234000044/21/7K2M9QX4TD3HWZ".to_owned(),
        files: std::sync::Arc::new(crate::context::SiteFiles {
            scripts_en: Some(scripts("en")),
            scripts_zh: Some(scripts("zh")),
            later: Some("/later.css".to_owned()),
            verifier: Some("/verifier.wasm".to_owned()),
            verifier_hash: Some("e366afdc9e44".repeat(6)[..64].to_owned()),
            ..Default::default()
        }),
        phone: true,
        demo: true,
    }
}
