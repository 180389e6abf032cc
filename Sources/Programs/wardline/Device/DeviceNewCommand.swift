import ArgumentParser
import DeviceProfiles
import Foundation
import ProfileWorkshop

extension DeviceCommand {
    /// Proposes a profile for sample payloads.
    struct New: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "new",
            abstract: "Propose a profile for sample payloads of a device.",
            discussion: """
                Finds format, fields, codes, units, times and topic of the samples, asks about what it is not sure of, and \
                writes a profile that lints, with a README and a test case for each sample. With --yes, or when standard \
                input is no terminal, it asks nothing and says on standard error what it assumed. Samples must not come \
                from a living patient without de-identification: they are kept in the folder.
                """
        )

        @Argument(help: "Files with one payload each; - for standard input.", completion: .file())
        var samples: [String]

        @Option(help: "The device folder to write.")
        var out: String

        @Option(help: "The profile's id; the folder's name by default.")
        var id: String?

        @Option(help: "Manufacturer and model, for people.")
        var name: String?

        @Option(help: "The topic on which the samples were published; becomes a template with {captures}.")
        var topic: String?

        @Flag(help: "Ask nothing: take every proposal.")
        var yes = false

        @Flag(help: "Replace a profile that is there.")
        var force = false

        func run() throws {
            try reportingFailure {
                let payloads = try self.samples.map { try PayloadFile.bytes($0) }
                let id = self.id ?? Import.identifier(self.out)
                guard var proposal = ProfileProposal(samples: payloads, topic: self.topic, id: id) else {
                    throw ValidationError(
                        "the samples are in no format that names its parts; write the profile by hand: "
                            + "formats scalar, binary and gatt are in docs/profiles.md"
                    )
                }
                StandardError.write("format: \(proposal.format): \(proposal.why)\n")
                var name = self.name ?? id
                if !self.yes, isatty(0) == 1, !self.samples.contains("-") {
                    try Interview().run(&proposal, name: &name)
                } else {
                    Self.report(proposal)
                }
                guard let draft = proposal.draft(id: id, name: name, source: "proposed from samples of the device")
                else {
                    throw ValidationError(
                        "no field is read: none of the names is known (\(proposal.unread.joined(separator: ", ")))"
                    )
                }
                try self.write(draft, payloads)
            }
        }

        private static func report(_ proposal: ProfileProposal) {
            for field in proposal.fields {
                guard let reading = field.reading else {
                    StandardError.write("\(field.place): not read: its name is not known\n")
                    continue
                }
                StandardError.write("\(field.place): \(reading)\(field.remark.map { " (\($0))" } ?? "")\n")
            }
            for path in proposal.series {
                StandardError.write("\(path): not read: a list of numbers; see 'as: sampled' in docs/profiles.md\n")
            }
            if proposal.time == nil {
                StandardError.write("time: none at the top of the message; without one the receive time is taken\n")
            }
            if proposal.needsZone { StandardError.write("time: written without a zone: the gateway's is taken\n") }
        }

        private func write(_ draft: ProfileDraft, _ payloads: [[UInt8]]) throws {
            let samples = payloads.enumerated().map { index, bytes in
                DeviceFolder.Sample(
                    name: payloads.count == 1 ? "sample" : "sample-\(index + 1)",
                    file: "payload.\(Self.fileExtension(draft.payload[0].value))",
                    bytes: bytes,
                    topic: self.topic
                )
            }
            let folder = DeviceFolder(
                path: self.out,
                profile: draft,
                readMe: ReadMeDraft(
                    title: draft.name,
                    kind: "device",
                    about: "Proposed from samples by wardline device new: read it before you use it.",
                    source: "Samples of the device; say here where its format is described.",
                    topics: draft.topics,
                    cases: samples.map { ReadMeDraft.Case(name: $0.name, shows: "A sample as it came.") },
                    origin: "recorded"
                ),
                samples: samples
            )
            var failed = false
            for outcome in try folder.write(overwrites: self.force) {
                try StandardOutput.write("\(outcome.name)\t\(outcome.observations) observations\n")
                for reason in outcome.reasons { StandardError.write("\(outcome.name): \(reason)\n") }
                failed = failed || !outcome.reasons.isEmpty
            }
            try StandardOutput.write("\(self.out)/profile.yaml\n")
            if failed { throw ExitCode.failure }
        }

        private static func fileExtension(_ format: String) -> String {
            switch format {
            case "json", "senml+json": "json"
            case "json-lines": "ndjson"
            case "hl7v2": "hl7"
            case "csv": "csv"
            case "cbor", "senml+cbor": "cbor"
            default: "txt"
            }
        }
    }
}

/// Asks a person about a proposal; an empty answer takes what is proposed.
private struct Interview {
    func run(_ proposal: inout ProfileProposal, name: inout String) throws {
        name = self.ask("Manufacturer and model", name)
        proposal.topics = [self.ask("Topic template", proposal.topics[0])]
        for index in proposal.fields.indices { self.ask(about: &proposal.fields[index]) }
        for path in proposal.series {
            StandardError.write("\(path) is a list of numbers: see 'as: sampled' in docs/profiles.md\n")
        }
        if proposal.needsZone {
            let zone = self.ask("Time zone of the device's clock (utc, +01:00, Europe/Berlin, gateway)", "gateway")
            proposal.time?.zone = zone
        }
    }

    private func ask(about field: inout ProposedField) {
        if let remark = field.remark { StandardError.write("  \(remark)\n") }
        let proposed = field.reading ?? "- (not read)"
        while true {
            let answer = self.ask("\(field.place): what is it? (- leaves it out)", proposed)
            if answer == proposed { break }
            if field.take(as: answer) { break }
            StandardError.write("  not known; wardline device concepts lists what is\n")
        }
        guard field.reading != nil, field.remark != nil else { return }
        while true {
            let answer = self.ask("\(field.place): unit", "as proposed")
            if answer == "as proposed" || field.take(unit: answer) { return }
            StandardError.write("  '\(answer)' is no unit of that\n")
        }
    }

    private func ask(_ question: String, _ proposed: String) -> String {
        StandardError.write("\(question) [\(proposed)]: ")
        guard let answer = readLine(), !answer.isEmpty else { return proposed }
        return answer
    }
}
