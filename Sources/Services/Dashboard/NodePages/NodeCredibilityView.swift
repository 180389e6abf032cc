/// How well the verification nodes of a path have worked so far, as the relay chain has it.
package struct NodeCredibilityView: Sendable, Equatable {
    package struct Node: Sendable, Equatable {
        package var name: String
        package var organization: String
        package var subgroup: String
        /// Millionths, 0 to 1,000,000.
        package var credibility: UInt32
        /// `active`, `jailed` or `left`.
        package var standing: String
        package var isSeated: Bool

        package init(
            name: String,
            organization: String,
            subgroup: String,
            credibility: UInt32,
            standing: String,
            isSeated: Bool
        ) {
            self.name = name
            self.organization = organization
            self.subgroup = subgroup
            self.credibility = credibility
            self.standing = standing
            self.isSeated = isSeated
        }
    }

    /// Of one chain, in its newest epoch.
    package struct List: Sendable, Equatable {
        package var chain: String
        package var epoch: UInt64
        /// Signatures that a certificate needs in all.
        package var needed: Int
        package var seats: Int
        /// Millionths; a node with less leaves at the end of an epoch.
        package var leavesBelow: UInt32
        package var nodes: [Node]

        package init(
            chain: String,
            epoch: UInt64,
            needed: Int,
            seats: Int,
            leavesBelow: UInt32,
            nodes: [Node]
        ) {
            self.chain = chain
            self.epoch = epoch
            self.needed = needed
            self.seats = seats
            self.leavesBelow = leavesBelow
            self.nodes = nodes
        }
    }

    /// In the order of the route; a chain whose list was not read is not among them.
    package var lists: [List]
    /// Why the last reading failed; empty when it did not.
    package var trouble: String

    package init(lists: [List], trouble: String) {
        self.lists = lists
        self.trouble = trouble
    }
}

extension NodeCredibilityView {
    @HTMLBuilder func content() -> [HTMLNode] {
        if !self.trouble.isEmpty {
            HTMLTag.p(.class("notice warn")) {
                "The lists cannot be read: \(self.trouble)\(self.lists.isEmpty ? "" : ". What you see is older.")"
            }
        } else if self.lists.isEmpty {
            HTMLTag.p { "The lists are being read." }
        }
        for list in self.lists {
            Piece.table(
                "List of \(list.chain), epoch \(list.epoch): \(list.needed) signatures of \(list.seats) seats",
                columns: ["Node", "Organization", "Subgroup", "Credibility", "Standing"]
            ) {
                for node in list.nodes { Self.row(node, of: list) }
            }
            if let least = list.nodes.filter(\.isSeated).min(by: { $0.credibility < $1.credibility }) {
                HTMLTag.p {
                    "The least credible node with a seat is \(least.name), \(Self.percent(least.credibility)). "
                        + "Below \(Self.percent(list.leavesBelow)) a node leaves."
                }
            }
        }
    }

    private static func row(_ node: Node, of list: List) -> HTMLNode {
        HTMLTag.tr {
            HTMLTag.th(.row) { node.name }
            HTMLTag.td { node.organization }
            HTMLTag.td { node.subgroup }
            HTMLTag.td(.class("number")) {
                Piece.badge(Self.percent(node.credibility), node.credibility < list.leavesBelow ? .bad : .plain)
            }
            HTMLTag.td {
                Piece.badge(
                    node.standing == "active" && !node.isSeated ? "no seat yet" : node.standing,
                    node.standing == "jailed" ? .bad : .plain
                )
            }
        }
    }

    /// `91.23 %`, rounded down.
    private static func percent(_ millionths: UInt32) -> String {
        let hundredths = "\(millionths % 10_000 / 100 + 100)".dropFirst()
        return "\(millionths / 10_000).\(hundredths) %"
    }
}
