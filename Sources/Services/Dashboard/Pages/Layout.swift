/// What stands around every page.
struct Layout {
    let site: DashboardSite
    /// nil before signing in.
    let session: DashboardSession?
    /// nil for answers that are no page of the menu.
    let page: DashboardPage?
    /// A sentence about what was just done.
    let notice: String?

    /// The whole document.
    func document(_ content: PageContent) -> String {
        let html = HTMLTag.html(HTMLAttribute("lang", "en")) {
            HTMLTag.head {
                HTMLTag.meta(HTMLAttribute("charset", "utf-8"))
                HTMLTag.meta(
                    HTMLAttribute("name", "viewport"),
                    HTMLAttribute("content", "width=device-width, initial-scale=1")
                )
                HTMLTag.meta(HTMLAttribute("name", "color-scheme"), HTMLAttribute("content", "light dark"))
                HTMLTag.title { "\(content.title) · \(self.site.name) · Wardline" }
                HTMLTag.link(HTMLAttribute("rel", "icon"), .href(DashboardAsset.icon.path))
                HTMLTag.link(HTMLAttribute("rel", "stylesheet"), .href(DashboardAsset.stylesheet.path))
                HTMLTag.script(HTMLAttribute("src", DashboardAsset.script.path), HTMLAttribute("defer", "defer"))
            }
            HTMLTag.body {
                HTMLTag.a(.class("skip"), HTMLAttribute("href", "#content")) { "Skip to the content" }
                self.header
                HTMLTag.main.with(self.mainAttributes) {
                    if let notice { HTMLTag.p(.class("notice"), HTMLAttribute("role", "status")) { notice } }
                    HTMLTag.div(.id("page")) { content.nodes }
                }
                HTMLTag.footer { self.footer }
            }
        }
        return "<!DOCTYPE html>\n" + html.html + "\n"
    }

    private var mainAttributes: [HTMLAttribute] {
        let basic: [HTMLAttribute] = [.id("content"), HTMLAttribute("tabindex", "-1")]
        return self.page?.liveSeconds == nil ? basic : basic + [HTMLAttribute("data-watch", "live")]
    }

    private var header: HTMLNode {
        HTMLTag.header {
            HTMLTag.p(.class("brand")) {
                HTMLTag.strong { "Wardline" }
                " \(self.site.name)"
            }
            if let session {
                HTMLTag.nav(.aria("Pages")) {
                    HTMLTag.ul {
                        for entry in self.site.pages where entry.menu != nil && session.role.may(entry.permission) {
                            self.menuEntry(entry)
                        }
                    }
                }
            }
        }
    }

    private func menuEntry(_ entry: DashboardPage) -> HTMLNode {
        let isHere = entry.path == self.page?.path
        let attributes: [HTMLAttribute] = [.href(entry.path)] + (isHere ? [HTMLAttribute("aria-current", "page")] : [])
        return HTMLTag.li { HTMLTag.a.with(attributes) { entry.menu ?? "" } }
    }

    @HTMLBuilder private var footer: [HTMLNode] {
        if let session {
            HTMLTag.p { "Signed in as \(session.name) (\(session.role.rawValue))" }
            HTMLTag.form(HTMLAttribute("method", "post"), .action("/sign-out")) {
                PageRequest(session: session).formToken
                HTMLTag.button(HTMLAttribute("type", "submit")) { "Sign out" }
            }
        } else {
            HTMLTag.p { "For those who run this service." }
        }
    }
}

/// Where one signs in.
enum SignInPage {
    /// - Parameters:
    ///   - site: the service's name.
    ///   - party: whom the connection's certificate names, if that party may sign in.
    ///   - refusal: why the last attempt failed.
    /// - Returns: the page.
    static func content(site: String, party: String?, refusal: String?) -> PageContent {
        PageContent("Sign in") {
            HTMLTag.h1 { "Sign in to \(site)" }
            if let refusal { HTMLTag.p(.class("notice bad"), HTMLAttribute("role", "alert")) { refusal } }
            if let party {
                HTMLTag.form(HTMLAttribute("method", "post"), .action("/sign-in/certificate"), .class("card")) {
                    HTMLTag.p { "Your browser shows the certificate of \(party)." }
                    HTMLTag.button(HTMLAttribute("type", "submit")) { "Sign in with the certificate" }
                }
            }
            HTMLTag.form(HTMLAttribute("method", "post"), .action("/sign-in/token"), .class("card")) {
                HTMLTag.p {
                    "A token is made on the service's machine by "
                    HTMLTag.code { "wardline dashboard token" }
                    " and works once."
                }
                HTMLTag.label(HTMLAttribute("for", "token")) { "One-time token" }
                HTMLTag.input(
                    .id("token"),
                    HTMLAttribute("name", "token"),
                    HTMLAttribute("type", "password"),
                    HTMLAttribute("autocomplete", "off"),
                    HTMLAttribute("spellcheck", "false"),
                    HTMLAttribute("required", "required")
                )
                HTMLTag.button(HTMLAttribute("type", "submit")) { "Sign in" }
            }
        }
    }
}
