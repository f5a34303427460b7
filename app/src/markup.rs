//! A piece of a page whose type is forgotten, so that pages are built of pieces and not of one type that holds all of them.
//!
//! Leptos' own `AnyView` can also be hydrated, rebuilt, awaited and streamed, and each of its some six hundred uses here made the compiler
//! write all of that out: most of the server's build. A page is written to one string, once, on the server alone, and so a piece can do
//! just that.

use leptos::prelude::{AddAnyAttr, Render, RenderHtml};
use leptos::tachys::html::attribute::Attribute;
use leptos::tachys::html::attribute::any_attribute::AnyAttribute;
use leptos::tachys::hydration::Cursor;
use leptos::tachys::view::any_view::AnyViewState;
use leptos::tachys::view::{Position, PositionState};

type Draw = Box<dyn FnOnce(&mut String, &mut Position, bool, bool, Vec<AnyAttribute>) + Send>;

/// A piece of a page.
pub struct Markup {
    /// About how many bytes it will have.
    len: usize,
    draw: Draw,
}

/// What can be a piece of a page.
pub trait IntoMarkup {
    /// Forgets its type.
    fn markup(self) -> Markup;
}

impl<T: RenderHtml> IntoMarkup for T {
    fn markup(self) -> Markup {
        let view = self.into_owned();
        let len = view.html_len();
        Markup {
            len,
            draw: Box::new(move |buf, position, escape, mark, attributes| view.to_html_with_buf(buf, position, escape, mark, attributes)),
        }
    }
}

const ON_THE_SERVER: &str = "a piece of a page is written on the server, and never hydrated";

impl Render for Markup {
    type State = AnyViewState;

    fn build(self) -> Self::State {
        unreachable!("{ON_THE_SERVER}")
    }

    fn rebuild(self, _: &mut Self::State) {
        unreachable!("{ON_THE_SERVER}")
    }
}

impl AddAnyAttr for Markup {
    type Output<SomeNewAttr: Attribute> = Self;

    fn add_any_attr<NewAttr: Attribute>(self, _: NewAttr) -> Self {
        unreachable!("no attribute is spread over pieces of a page")
    }
}

impl RenderHtml for Markup {
    type AsyncOutput = Self;
    type Owned = Self;

    const MIN_LENGTH: usize = 0;

    fn dry_resolve(&mut self) {}

    async fn resolve(self) -> Self {
        self
    }

    fn html_len(&self) -> usize {
        self.len
    }

    fn to_html_with_buf(self, buf: &mut String, position: &mut Position, escape: bool, mark: bool, attributes: Vec<AnyAttribute>) {
        (self.draw)(buf, position, escape, mark, attributes);
    }

    fn hydrate<const FROM_SERVER: bool>(self, _: &Cursor, _: &PositionState) -> Self::State {
        unreachable!("{ON_THE_SERVER}")
    }

    fn into_owned(self) -> Self {
        self
    }
}
