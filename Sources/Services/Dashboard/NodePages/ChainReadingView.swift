/// How far a node has read its own chain for a page.
package struct ChainReadingView: Sendable, Equatable {
    package struct Channel: Sendable, Equatable {
        package var name: String
        package var read: UInt64
        package var height: UInt64
        /// The first block that there is here; above 1 when earlier ones are gone.
        package var earliest: UInt64

        package init(name: String, read: UInt64, height: UInt64, earliest: UInt64) {
            self.name = name
            self.read = read
            self.height = height
            self.earliest = earliest
        }
    }

    package var channels: [Channel]
    /// Whether so much was found that the oldest of it is not kept any more.
    package var hasForgotten: Bool

    package init(channels: [Channel], hasForgotten: Bool) {
        self.channels = channels
        self.hasForgotten = hasForgotten
    }

    /// What somebody must know to judge the page; a list may be short for each of these reasons.
    @HTMLBuilder func notices() -> [HTMLNode] {
        let behind = self.channels.filter { $0.read < $0.height }
        if behind.isEmpty {
            let places = self.channels.map { "block \($0.height) of \($0.name)" }.joined(separator: " and ")
            HTMLTag.p(.class("soft")) { "Read up to \(places)." }
        }
        for channel in behind {
            HTMLTag.p(.class("notice warn")) {
                "\(channel.name) is read up to block \(Wording.count(Int64(clamping: channel.read))) of "
                    + "\(Wording.count(Int64(clamping: channel.height))); what comes later is not shown yet."
            }
        }
        for channel in self.channels where channel.earliest > 1 {
            HTMLTag.p(.class("notice warn")) {
                "Blocks of \(channel.name) below \(Wording.count(Int64(clamping: channel.earliest))) are not kept here, and "
                    + "what stands in them is not shown; wardline audit reads exports that hold them."
            }
        }
        if self.hasForgotten {
            HTMLTag.p(.class("notice warn")) {
                "There is more than a page like this can hold: the oldest is left out. wardline audit lists everything."
            }
        }
    }
}
