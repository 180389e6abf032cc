internal import Contracts
internal import Ledger
internal import Spool

/// How many envelopes are anchored together, and how long one waits for others.
package struct AnchorLimits: Sendable, Equatable {
    /// Bytes that a window's pages take in its transaction at most; chains take transactions of 256 KiB by default.
    static let pagesBytesMax = 196_608

    /// ms from an envelope's delivery to its window at most.
    package var ageMillisecondsMax: Int64
    package var envelopesMax: Int

    package init(ageMillisecondsMax: Int64 = 10_000, envelopesMax: Int = 256) {
        self.ageMillisecondsMax = ageMillisecondsMax
        self.envelopesMax = envelopesMax
    }
}

/// Cuts delivered envelopes into windows.
///
/// Pure: entries, number and clock are passed in.
///
/// The leaves of a window's tree are the index pointers in ascending order, so that the tree follows from the set.
struct WindowBuilder {
    let limits: AnchorLimits

    /// Whether a window is to be cut now.
    ///
    /// - Parameters:
    ///   - entries: waiting, in the order of their delivery.
    ///   - now: ms since 1970. A clock that was set back would keep a window open for as long, so that cuts it too.
    /// - Returns: false for no entries.
    func isDue(_ entries: [AnchorEntry], now: Int64) -> Bool {
        guard let oldest = entries.first?.delivered else { return false }
        let age = self.limits.ageMillisecondsMax
        return entries.count >= self.limits.envelopesMax || now >= oldest + age || now < oldest - age
    }

    /// Makes a window of as many of the first entries as fit.
    ///
    /// - Parameters:
    ///   - entries: waiting, in the order of their delivery.
    ///   - number: greater than all before.
    /// - Returns: the window; nil for no entries.
    func cut(_ entries: [AnchorEntry], number: UInt64) -> CutWindow? {
        var room = WindowRoom()
        var taken: [AnchorEntry] = []
        for entry in entries.prefix(self.limits.envelopesMax) {
            guard room.take(entry) else { break }
            taken.append(entry)
        }
        return Self.window(of: taken, number: number)
    }

    /// Makes one window for each scope, in the order of the scopes.
    ///
    /// - Parameters:
    ///   - entries: of one window.
    ///   - number: of the first; the others count up.
    /// - Returns: windows with the same entries.
    func split(_ entries: [AnchorEntry], from number: UInt64) -> [CutWindow] {
        var windows: [CutWindow] = []
        for scope in ScopeGroup.groups(of: entries) {
            guard let window = Self.window(of: scope.entries, number: number + UInt64(windows.count)) else { continue }
            windows.append(window)
        }
        return windows
    }

    /// The window of exactly these entries; nil for none.
    static func window(of entries: [AnchorEntry], number: UInt64) -> CutWindow? {
        let created = entries.map(\.created)
        guard let createdMin = created.min(), let createdMax = created.max() else { return nil }
        let h1s = entries.map(\.h1).sorted { $0.lexicographicallyPrecedes($1) }
        return CutWindow(
            number: number,
            root: BlockTrees.root(h1s),
            createdMin: createdMin,
            createdMax: createdMax,
            h1s: h1s
        )
    }
}

/// The entries of one scope.
struct ScopeGroup {
    let scope: [UInt8]
    /// Ascending by index pointer.
    let entries: [AnchorEntry]

    /// Groups by scope, ascending.
    static func groups(of entries: [AnchorEntry]) -> [ScopeGroup] {
        Dictionary(grouping: entries, by: \.scope)
            .sorted { $0.key.lexicographicallyPrecedes($1.key) }
            .map { scope, entries in
                ScopeGroup(
                    scope: scope,
                    entries: entries.sorted { $0.h1.lexicographicallyPrecedes($1.h1) }
                )
            }
    }
}

/// What still fits into one anchor.
private struct WindowRoom {
    /// A page without entries: its scope, its length, the magic, the count and the authentication tag.
    private static let pageOverhead = 32 + 4 + 8 + 16

    private var pages: [[UInt8]: Int] = [:]
    private var total = 0

    /// - Returns: false when the entry does not fit.
    mutating func take(_ entry: AnchorEntry) -> Bool {
        let bytes = 34 + entry.tags.reduce(0) { $0 + 4 + $1.count }
        let page = self.pages[entry.scope]
        let cost = bytes + (page == nil ? Self.pageOverhead : 0)
        let size = (page ?? Self.pageOverhead) + bytes
        guard page != nil || self.pages.count < Anchor.scopesMax, size <= Anchor.pageBytesMax,
            self.total + cost <= AnchorLimits.pagesBytesMax
        else { return false }
        self.pages[entry.scope] = size
        self.total += cost
        return true
    }
}
