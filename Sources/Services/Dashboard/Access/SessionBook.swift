internal import CanonicalBytes
internal import Synchronization

/// Somebody who has signed in, as pages see it.
package struct DashboardSession: Sendable, Equatable {
    /// Who it is: a party's name, or what the token was made for.
    package let name: String
    package let role: DashboardRole
    package let means: SignInMeans
    /// Stands in every form; a request to change something without it is refused.
    package let formToken: String

    package init(name: String, role: DashboardRole, means: SignInMeans, formToken: String) {
        self.name = name
        self.role = role
        self.means = means
        self.formToken = formToken
    }
}

/// How long and how many.
package struct SessionLimits: Sendable, Equatable {
    /// Sessions at one time; a further one ends the one that was idle longest.
    package var sessionsMax = 64
    /// A session ends after so many seconds without a page.
    package var idleSeconds: UInt64 = 30 * 60
    /// A session ends after so many seconds whatever happens.
    package var wholeSeconds: UInt64 = 12 * 3_600

    package init() {}
}

/// Who is signed in.
///
/// Kept in memory only: a restart signs everybody out.
///
/// The cookie's value is a secret of 32 bytes; the book knows its digest.
final class SessionBook: Sendable {
    private struct Entry {
        let digest: [UInt8]
        let session: DashboardSession
        let begun: UInt64
        var seen: UInt64
        var notice: String?
    }

    private let limits: SessionLimits
    private let entries = Mutex<[Entry]>([])

    init(limits: SessionLimits) { self.limits = limits }

    /// Begins a session.
    ///
    /// - Parameters:
    ///   - name: who it is.
    ///   - role: what she may do.
    ///   - means: how she showed who she is.
    ///   - now: seconds on a clock that never goes back.
    /// - Returns: the cookie's value.
    func begin(name: String, role: DashboardRole, means: SignInMeans, at now: UInt64) -> String {
        let cookie = Secrets.bytes().hex
        let session = DashboardSession(name: name, role: role, means: means, formToken: Secrets.bytes().hex)
        self.entries.withLock { entries in
            entries.removeAll { self.isOver($0, at: now) }
            if entries.count >= self.limits.sessionsMax,
                let idlest = entries.indices.min(by: { entries[$0].seen < entries[$1].seen })
            {
                entries.remove(at: idlest)
            }
            entries.append(Entry(digest: Secrets.digest(cookie), session: session, begun: now, seen: now))
        }
        return cookie
    }

    /// The session of a cookie.
    ///
    /// - Parameters:
    ///   - cookie: as the browser sent it.
    ///   - now: seconds on a clock that never goes back.
    ///   - isSign: whether it shows that somebody is there; what a page fetches by itself does not.
    /// - Returns: nil for a cookie of no session, or of one that is over.
    func session(_ cookie: String, at now: UInt64, isSign: Bool = true) -> DashboardSession? {
        let digest = Secrets.digest(cookie)
        return self.entries.withLock { entries in
            entries.removeAll { self.isOver($0, at: now) }
            guard let index = Self.index(of: digest, in: entries) else { return nil }
            if isSign { entries[index].seen = now }
            return entries[index].session
        }
    }

    /// Ends a session.
    func end(_ cookie: String) {
        let digest = Secrets.digest(cookie)
        self.entries.withLock { entries in
            if let index = Self.index(of: digest, in: entries) { entries.remove(at: index) }
        }
    }

    /// Leaves a sentence that the session's next page shows.
    func leave(_ notice: String, for cookie: String) {
        let digest = Secrets.digest(cookie)
        self.entries.withLock { entries in
            if let index = Self.index(of: digest, in: entries) { entries[index].notice = notice }
        }
    }

    /// Takes the sentence that was left.
    func takeNotice(for cookie: String) -> String? {
        let digest = Secrets.digest(cookie)
        return self.entries.withLock { entries in
            Self.index(of: digest, in: entries).flatMap { entries[$0].notice.take() }
        }
    }

    private func isOver(_ entry: Entry, at now: UInt64) -> Bool {
        now >= entry.seen + self.limits.idleSeconds || now >= entry.begun + self.limits.wholeSeconds
    }

    /// Looks at all of them, whichever it is.
    private static func index(of digest: [UInt8], in entries: [Entry]) -> Int? {
        var found: Int?
        for (index, entry) in entries.enumerated() where Secrets.areEqual(entry.digest, digest) { found = index }
        return found
    }
}
