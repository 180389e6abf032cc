internal import SecureHTTP

extension DashboardPart {
    /// The chain explorer of a validator.
    ///
    /// - Parameter source: tells what is shown.
    /// - Returns: its pages and actions.
    package static func chain(_ source: any ChainDashboardSource) -> DashboardPart {
        DashboardPart(
            pages: [
                DashboardPage("/chain", menu: "Chain", liveSeconds: 2) { request in
                    ChainPage.content(try await source.chain(), request)
                },
                DashboardPage("/blocks/{channel}/{height}") { request in
                    let channel = request.parameters["channel"] ?? ""
                    guard let height = request.parameters["height"].flatMap({ UInt64($0) }),
                        let block = try await source.block(height, on: channel)
                    else { throw Problem.noPage("there is no such block, or it is not kept here any more") }
                    return BlockPage.content(block)
                },
            ],
            actions: [
                DashboardAction("/chain/find", for: .look) { _, fields in
                    let text = (fields["what"] ?? "").filter { !$0.isWhitespace }.lowercased()
                    if let height = UInt64(text) {
                        return .go(to: "/blocks/\(fields["channel"] ?? "index")/\(height)", notice: "Block \(height)")
                    }
                    guard let (channel, height) = try await source.place(ofTransaction: text) else {
                        return .go(to: "/chain", notice: "No block holds a transaction of this identifier.")
                    }
                    return .go(to: "/blocks/\(channel)/\(height)", notice: "Block \(height) holds it.")
                }
            ]
        )
    }
}

/// Channels, validators and the last blocks.
enum ChainPage {
    static func content(_ view: ChainView, _ request: PageRequest) -> PageContent {
        PageContent("Chain") {
            HTMLTag.h1 { "Chain \(view.chain)" }
            HTMLTag.p(.class("soft")) { "As validator \(view.number), \(view.name), sees it." }
            HTMLTag.div(.live("state")) {
                if view.obstacles.isEmpty {
                    HTMLTag.p(.class("notice")) { "Nothing keeps this validator from serving." }
                }
                for obstacle in view.obstacles { HTMLTag.p(.class("notice bad")) { obstacle } }
            }
            HTMLTag.div(.live("channels")) { Self.channels(view) }
            Self.finder(view, request)
            for channel in view.channels {
                HTMLTag.section {
                    HTMLTag.h2 { "Channel \(channel.name)" }
                    HTMLTag.div(.live("kinds-\(channel.name)")) { Self.kinds(channel) }
                    HTMLTag.div(.live("blocks-\(channel.name)")) { Self.blocks(channel, at: view.now) }
                }
            }
            HTMLTag.h2 { "Other validators" }
            HTMLTag.div(.live("others")) { Self.others(view) }
        }
    }

    private static func channels(_ view: ChainView) -> HTMLNode {
        Piece.table(
            "Channels",
            columns: ["Channel", "Height", "Last block", "View", "Epoch", "Leader", "Reachable", "May fail", "Waiting"]
        ) {
            for channel in view.channels {
                HTMLTag.tr {
                    HTMLTag.th(.row) { channel.name }
                    HTMLTag.td(.class("number")) { Wording.count(Int64(clamping: channel.height)) }
                    HTMLTag.td { "\(Wording.age(of: channel.time, at: view.now)) ago" }
                    HTMLTag.td(.class("number")) { "\(channel.view)\(channel.isChangingView ? " (changing)" : "")" }
                    HTMLTag.td(.class("number")) { "\(channel.epoch)" }
                    HTMLTag.td(.class("number")) { "\(channel.leader)" }
                    HTMLTag.td(.class("number")) { "\(channel.reachable) of \(channel.members)" }
                    HTMLTag.td(.class("number")) {
                        Piece.badge(
                            "\(channel.margin)",
                            channel.margin > 0 ? .good : channel.margin == 0 ? .warn : .bad
                        )
                    }
                    HTMLTag.td(.class("number")) { Wording.count(Int64(channel.poolCount)) }
                }
            }
        }
    }

    private static func finder(_ view: ChainView, _ request: PageRequest) -> HTMLNode {
        HTMLTag.form(HTMLAttribute("method", "post"), .action("/chain/find"), .class("card")) {
            request.formToken
            HTMLTag.label(HTMLAttribute("for", "what")) { "Number of a block of the index channel, or a transaction" }
            HTMLTag.input(
                .id("what"),
                HTMLAttribute("name", "what"),
                HTMLAttribute("autocomplete", "off"),
                HTMLAttribute("spellcheck", "false"),
                HTMLAttribute("required", "required"),
                HTMLAttribute("maxlength", "80")
            )
            HTMLTag.button(HTMLAttribute("type", "submit")) { "Find" }
        }
    }

    private static func kinds(_ channel: ChainView.Channel) -> HTMLNode {
        var counts: [String: Int64] = [:]
        for transaction in channel.blocks.flatMap(\.transactions) { counts[transaction.kind, default: 0] += 1 }
        let kinds = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        return HTMLTag.p(.class("soft")) {
            "\(Wording.count(Int64(clamping: channel.transactions))) transactions and \(channel.viewChanges) changes of view "
                + "since this validator started. In the blocks below: "
            if kinds.isEmpty { "none." }
            for kind in kinds { Piece.badge("\(kind.key) \(Wording.count(kind.value))", .plain) }
        }
    }

    private static func blocks(_ channel: ChainView.Channel, at now: Int64) -> HTMLNode {
        Piece.table(
            "Last blocks of \(channel.name)",
            columns: ["Block", "Age", "Transactions", "Signed by", "Epoch", "View", "Digest"]
        ) {
            for block in channel.blocks {
                HTMLTag.tr {
                    HTMLTag.th(.row) {
                        HTMLTag.a(.href("/blocks/\(block.channel)/\(block.height)")) { "\(block.height)" }
                    }
                    HTMLTag.td { "\(Wording.age(of: block.time, at: now)) ago" }
                    HTMLTag.td(.class("number")) { "\(block.transactions.count)" }
                    HTMLTag.td(.class("number")) { "\(block.signers)" }
                    HTMLTag.td(.class("number")) { "\(block.epoch)" }
                    HTMLTag.td(.class("number")) { "\(block.view)" }
                    HTMLTag.td { HTMLTag.code { String(block.hash.prefix(16)) + "…" } }
                }
            }
        }
    }

    private static func others(_ view: ChainView) -> HTMLNode {
        Piece.table("Validators that this one talks to", columns: ["Validator", "Connection", "Misbehaviour"]) {
            for other in view.others {
                HTMLTag.tr {
                    HTMLTag.th(.row) { "\(other.number) \(other.name)" }
                    HTMLTag.td {
                        Piece.badge(
                            other.isConnected ? "connected" : "not connected",
                            other.isConnected ? .good : .bad
                        )
                    }
                    HTMLTag.td(.class("number")) { "\(Sparkline.tenths(other.score)) points" }
                }
            }
        }
    }
}

/// One block with its certificate and transactions.
enum BlockPage {
    static func content(_ block: BlockView) -> PageContent {
        PageContent("Block \(block.height)") {
            HTMLTag.p { HTMLTag.a(.href("/chain")) { "The chain" } }
            HTMLTag.h1 { "Block \(block.height) of \(block.channel)" }
            HTMLTag.dl(.class("facts card")) {
                for (name, value) in Self.facts(block) {
                    HTMLTag.dt { name }
                    HTMLTag.dd { value }
                }
            }
            HTMLTag.p {
                if block.height > 1 {
                    HTMLTag.a(.href("/blocks/\(block.channel)/\(block.height - 1)")) { "Block \(block.height - 1)" }
                    " "
                }
                HTMLTag.a(.href("/blocks/\(block.channel)/\(block.height + 1)")) { "Block \(block.height + 1)" }
            }
            HTMLTag.h2 { "Transactions" }
            Piece.table(
                "In the block's order",
                columns: ["Transaction", "Kind", "By", "Outcome", "Cost", "Bytes", "Events"]
            ) {
                for transaction in block.transactions { Self.row(transaction) }
            }
        }
    }

    private static func facts(_ block: BlockView) -> [(String, String)] {
        let names = block.signerNames.isEmpty ? "" : ": " + block.signerNames.joined(separator: ", ")
        return [
            ("Digest", block.hash), ("Parent", block.parent), ("Time", Wording.moment(block.time)),
            ("Committee's epoch", "\(block.epoch)"),
            ("Certificate", "view \(block.view), signed by \(block.signers) validators\(names)"),
        ] + block.roots.map { ($0.name, $0.value) }
    }

    private static func row(_ transaction: BlockView.Transaction) -> HTMLNode {
        HTMLTag.tr {
            HTMLTag.th(.row) { HTMLTag.code { transaction.id } }
            HTMLTag.td { transaction.kind }
            HTMLTag.td { transaction.caller }
            HTMLTag.td {
                transaction.rejection.isEmpty
                    ? Piece.badge("executed", .good) : Piece.badge(transaction.rejection, .bad)
            }
            HTMLTag.td(.class("number")) { Wording.count(Int64(clamping: transaction.cost)) }
            HTMLTag.td(.class("number")) { Wording.count(Int64(transaction.bytes)) }
            HTMLTag.td { transaction.events.joined(separator: ", ") }
        }
    }
}
