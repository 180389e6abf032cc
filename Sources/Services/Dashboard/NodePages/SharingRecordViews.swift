/// Who was given what under which policy, as the chain has it.
package struct AuditView: Sendable, Equatable {
    /// One thing that happened with somebody's data.
    package struct Entry: Sendable, Equatable {
        /// Of the block, ms since 1970.
        package var time: Int64
        /// One word, and what belongs to it in brackets.
        package var what: String
        /// Whether it did what was wanted.
        package var isSuccess: Bool
        /// Whether it belongs to access that was taken in an emergency.
        package var isEmergency: Bool
        package var by: String
        /// Who gets, or wants, the data; empty where nobody does.
        package var receiver: String
        /// Whose data; empty where nothing says it.
        package var organization: String
        /// Digests, 64 hexadecimal digits each.
        package var scopes: [String]
        /// Its text, or the first digits of its digest; empty for none.
        package var policy: String
        package var purpose: String
        package var channel: String
        package var height: UInt64

        package init(
            time: Int64,
            what: String,
            isSuccess: Bool,
            isEmergency: Bool,
            by: String,
            receiver: String,
            organization: String,
            scopes: [String],
            policy: String,
            purpose: String,
            channel: String,
            height: UInt64
        ) {
            self.time = time
            self.what = what
            self.isSuccess = isSuccess
            self.isEmergency = isEmergency
            self.by = by
            self.receiver = receiver
            self.organization = organization
            self.scopes = scopes
            self.policy = policy
            self.purpose = purpose
            self.channel = channel
            self.height = height
        }
    }

    package var chain: String
    package var reading: ChainReadingView
    /// Of the page, newest first.
    package var entries: [Entry]
    /// How many there are on all pages.
    package var total: Int
    package var page: Int
    package var pages: Int

    package init(chain: String, reading: ChainReadingView, entries: [Entry], total: Int, page: Int, pages: Int) {
        self.chain = chain
        self.reading = reading
        self.entries = entries
        self.total = total
        self.page = page
        self.pages = pages
    }
}

/// What is said about the sharing of scopes, as the chain has it.
package struct ConsentsView: Sendable, Equatable {
    package enum Kind: String, Sendable, CaseIterable {
        /// Nothing is shared without a consent of the same author.
        case required
        case granted
        case offered
        case forbidden
        /// Access that a clinician took without asking.
        case breakGlass = "break-glass"
    }

    package enum State: Sendable, Equatable {
        case stands
        /// Its time is over.
        case over
        /// ms since 1970.
        case revoked(Int64)
    }

    /// A statement about one scope.
    package struct Statement: Sendable, Equatable {
        /// 64 hexadecimal digits; of a statement about a whole label the label's.
        package var scope: String
        /// Whether it is about all scopes of a label.
        package var isOfLabel: Bool
        /// Whose scope it is.
        package var organization: String
        package var kind: Kind
        package var state: State
        /// Which request, for whom, or why; empty where nothing narrows it.
        package var detail: String
        package var purpose: String
        package var by: String
        /// ms since 1970.
        package var stated: Int64
        package var until: Int64

        package init(
            scope: String,
            organization: String,
            kind: Kind,
            state: State,
            detail: String,
            purpose: String,
            by: String,
            stated: Int64,
            until: Int64,
            isOfLabel: Bool = false
        ) {
            self.scope = scope
            self.isOfLabel = isOfLabel
            self.organization = organization
            self.kind = kind
            self.state = state
            self.detail = detail
            self.purpose = purpose
            self.by = by
            self.stated = stated
            self.until = until
        }
    }

    package var chain: String
    package var reading: ChainReadingView
    /// Of the page, by organization and scope, the oldest of a scope first.
    package var statements: [Statement]
    /// How many there are on all pages, and how many of these stand.
    package var total: Int
    package var standing: Int
    package var page: Int
    package var pages: Int

    package init(
        chain: String,
        reading: ChainReadingView,
        statements: [Statement],
        total: Int,
        standing: Int,
        page: Int,
        pages: Int
    ) {
        self.chain = chain
        self.reading = reading
        self.statements = statements
        self.total = total
        self.standing = standing
        self.page = page
        self.pages = pages
    }
}

/// What a node tells its dashboard of the record of sharing; it names no patient.
package protocol SharingRecordSource: Sendable {
    /// - Throws: when the node's own chain cannot be read.
    func audit(_ filter: ChainFilter) async throws -> AuditView
    /// The same as FHIR R4 AuditEvents, one a line, oldest first; of all pages, the newest ``AuditPage/eventsMax``.
    ///
    /// - Throws: as ``audit(_:)``.
    func auditEvents(_ filter: ChainFilter) async throws -> [UInt8]
    /// - Throws: as ``audit(_:)``.
    func consents(_ filter: ChainFilter) async throws -> ConsentsView
}
