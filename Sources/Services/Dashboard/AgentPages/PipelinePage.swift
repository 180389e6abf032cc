/// How data flow through the agent, and where they wait.
enum PipelinePage {
    static func content(_ view: PipelineView) -> PageContent {
        PageContent("Pipeline") {
            HTMLTag.h1 { "Pipeline" }
            HTMLTag.div(.live("state")) {
                if view.obstacles.isEmpty {
                    HTMLTag.p(.class("notice")) { "Ready: nothing keeps data from flowing." }
                }
                for obstacle in view.obstacles { HTMLTag.p(.class("notice bad")) { obstacle } }
                for note in view.notes { HTMLTag.p(.class("notice warn")) { note } }
            }
            HTMLTag.h2 { "Taken in" }
            HTMLTag.div(.live("intake")) { Self.intake(view) }
            HTMLTag.h2 { "Brokers and sinks" }
            HTMLTag.div(.live("neighbours")) { Self.neighbours(view) }
            HTMLTag.h2 { "Upload" }
            HTMLTag.div(.live("upload")) { Self.upload(view) }
            HTMLTag.h2 { "Anchors" }
            HTMLTag.div(.live("anchors")) { Self.anchors(view) }
        }
    }

    private static func intake(_ view: PipelineView) -> HTMLNode {
        Piece.figures {
            Piece.figure("Messages", Wording.count(view.received.total), note: Wording.rate(view.received.perSecond))
            Piece.figure(
                "Observations",
                Wording.count(view.observations.total),
                note: Wording.rate(view.observations.perSecond)
            )
            Piece.figure("Wait for normalization", Wording.count(view.backlog), note: "messages")
            if let waves = view.waveBacklog {
                Piece.figure("Waveforms waiting", Wording.count(waves), note: "messages")
            }
            Piece.figure("Dead letters", Wording.count(view.deadLetters), note: "open", isBad: view.deadLetters > 0)
            Piece.figure("Duplicates", Wording.count(view.duplicates))
            Piece.figure("Delivered again", Wording.count(view.redelivered))
            Piece.figure("Ignored", Wording.count(view.ignored), note: "by profiles")
            Piece.figure("Inbox", Wording.size(view.inboxBytes))
            Piece.figure("Spool", Wording.size(view.spoolBytes))
            Piece.figure(
                "Profiles",
                "\(view.profiles)",
                note: view.refusedFiles > 0
                    ? Wording.counted(Int64(view.refusedFiles), "file refused", "files refused") : "in force",
                isBad: view.refusedFiles > 0
            )
        }
    }

    @HTMLBuilder private static func neighbours(_ view: PipelineView) -> [HTMLNode] {
        Piece.table("Brokers", columns: ["Broker", "State", "Messages", "Failures"]) {
            for broker in view.brokers {
                HTMLTag.tr {
                    HTMLTag.th(.row) { broker.name }
                    HTMLTag.td {
                        Piece.badge(
                            broker.isConnected ? "connected" : "not connected",
                            broker.isConnected ? .good : .bad
                        )
                    }
                    HTMLTag.td(.class("number")) { Wording.count(broker.messages) }
                    HTMLTag.td(.class("number")) { Wording.count(broker.failures) }
                }
            }
        }
        if !view.sinks.isEmpty {
            Piece.table("Who takes Observations", columns: ["Sink", "Not taken yet"]) {
                for sink in view.sinks {
                    HTMLTag.tr {
                        HTMLTag.th(.row) { sink.name }
                        HTMLTag.td(.class("number")) { Wording.count(sink.lag) }
                    }
                }
            }
        }
    }

    @HTMLBuilder private static func upload(_ view: PipelineView) -> [HTMLNode] {
        if let upload = view.upload {
            Piece.figures {
                Piece.figure("Upload lag", Wording.age(of: upload.oldest, at: view.now), note: "oldest that waits")
                Piece.figure(
                    "Envelopes waiting",
                    Wording.count(upload.waiting),
                    note: Wording.size(upload.waitingBytes)
                )
                Piece.figure("Not sealed yet", Wording.count(upload.unsealed), note: "Observations")
                Piece.figure("Wait for a key", Wording.count(upload.held), note: "bundles", isBad: upload.held > 0)
                Piece.figure("Delivered", Wording.count(upload.delivered), note: "envelopes")
                Piece.figure("Refused", Wording.count(upload.refused), note: "for good", isBad: upload.refused > 0)
            }
            Piece.table("Privacy centers", columns: ["Center", "State"]) {
                for center in upload.centers {
                    HTMLTag.tr {
                        HTMLTag.th(.row) { center.name }
                        HTMLTag.td {
                            if let problem = center.problem {
                                Piece.badge(problem, .bad)
                            } else {
                                Piece.badge("well", .good)
                            }
                        }
                    }
                }
            }
        } else {
            HTMLTag.p(.class("soft")) { "No uplink is configured: Observations stay on this machine." }
        }
    }

    @HTMLBuilder private static func anchors(_ view: PipelineView) -> [HTMLNode] {
        if let anchoring = view.anchoring {
            if let problem = anchoring.problem { HTMLTag.p(.class("notice bad")) { problem } }
            Piece.figures {
                Piece.figure("Anchor lag", Wording.age(of: anchoring.oldest, at: view.now), note: "oldest that waits")
                Piece.figure("Envelopes waiting", Wording.count(anchoring.waiting))
                Piece.figure("Anchored", Wording.count(anchoring.anchored), note: "envelopes")
                Piece.figure("Last anchor", Wording.age(of: anchoring.last, at: view.now), note: "ago")
                Piece.figure("Late windows", Wording.count(anchoring.lateWindows))
                Piece.figure(
                    "Refused windows",
                    Wording.count(anchoring.refusedWindows),
                    isBad: anchoring.refusedWindows > 0
                )
            }
        } else {
            HTMLTag.p(.class("soft")) { "No chain is configured: what is delivered is not anchored." }
        }
    }
}
