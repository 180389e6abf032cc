internal import HTTPTypes
package import SecureHTTP

/// What one service shows: its pages, and what can be done on them.
package struct DashboardSite: Sendable {
    /// Which service it is, for people: `agent gw-1`.
    package let name: String
    /// In the menu's order; the first is where one lands.
    package let pages: [DashboardPage]
    package let actions: [DashboardAction]

    package init(name: String, pages: [DashboardPage], actions: [DashboardAction] = []) {
        self.name = name
        self.pages = pages
        self.actions = actions
    }
}

/// A page; it is rendered anew for every request, and for every tick of a live one.
package struct DashboardPage: Sendable {
    /// `/ward`, `/beds/{handle}`: no patient data, since addresses are kept by browsers.
    package let path: String
    /// Its name in the menu; nil for a page that others lead to.
    package let menu: String?
    /// Seconds between two looks while somebody watches; nil for a page that stands still.
    package let liveSeconds: Double?
    /// What somebody must be allowed to see it; others do not find it in the menu either.
    package let permission: DashboardPermission
    package let render: @Sendable (PageRequest) async throws -> PageContent

    package init(
        _ path: String,
        menu: String? = nil,
        liveSeconds: Double? = nil,
        for permission: DashboardPermission = .look,
        render: @escaping @Sendable (PageRequest) async throws -> PageContent
    ) {
        self.path = path
        self.menu = menu
        self.liveSeconds = liveSeconds
        self.permission = permission
        self.render = render
    }
}

/// Who asks for a page, and for which.
package struct PageRequest: Sendable {
    package let session: DashboardSession
    /// The values of the path's `{names}`.
    package let parameters: [String: String]

    package init(session: DashboardSession, parameters: [String: String] = [:]) {
        self.session = session
        self.parameters = parameters
    }

    /// Fields that every form has.
    package var formToken: HTMLNode {
        HTMLTag.input(
            HTMLAttribute("type", "hidden"),
            HTMLAttribute("name", "form_token"),
            HTMLAttribute("value", self.session.formToken)
        )
    }
}

/// What stands between header and footer.
package struct PageContent: Sendable, Equatable {
    package let title: String
    package let nodes: [HTMLNode]

    package init(_ title: String, @HTMLBuilder nodes: () -> [HTMLNode]) {
        self.title = title
        self.nodes = nodes()
    }
}

/// What a form does.
package struct DashboardAction: Sendable {
    package let path: String
    package let permission: DashboardPermission
    package let perform: @Sendable (PageRequest, FormFields) async throws -> ActionOutcome

    package init(
        _ path: String,
        for permission: DashboardPermission,
        perform: @escaping @Sendable (PageRequest, FormFields) async throws -> ActionOutcome
    ) {
        self.path = path
        self.permission = permission
        self.perform = perform
    }
}

/// What a form leads to.
package enum ActionOutcome: Sendable {
    /// To a page, which shows a sentence of what was done.
    case go(to: String, notice: String)
    /// An answer that has no address of its own, because it would name a reading.
    case show(PageContent)
    /// A file to keep; a browser offers to store it and shows nothing of it.
    case keep(DashboardFile)
}

/// A file that a page gives away.
package struct DashboardFile: Sendable, Equatable {
    /// `audit.ndjson`: of a literal, so that no header breaks.
    let name: String
    let type: String
    let bytes: [UInt8]

    package init(name: StaticString, type: StaticString, bytes: [UInt8]) {
        self.name = "\(name)"
        self.type = "\(type)"
        self.bytes = bytes
    }
}

extension Problem {
    /// A page that is not there.
    package static func noPage(_ detail: String) -> Problem { Problem(.notFound, code: "no-page", detail: detail) }
}
