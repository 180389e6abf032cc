import ArgumentParser

/// Times sealing, verifying, re-encrypting and opening beside the operations that the scheme cannot do without.
struct SealingBench: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sealing",
        abstract: "Time signcryption against its floor, and readings sealed in a second, in one thread.",
        discussion: "Prints one JSON object for every round; Benchmarks/sealing makes a table of them."
    )

    @Argument(help: "A profile file.")
    var profile: String

    @Argument(help: "A file with one payload a line.")
    var payloads: String

    @Option(help: "The topic they are published on.")
    var topic: String

    @Option(help: "Bytes of the envelope's one record.")
    var payloadBytes = 1_024

    @Option(help: "Calls of every operation in a round.")
    var calls = 100

    @Option(help: "Rounds.")
    var rounds = 1

    func run() throws {
        let scene = try SealingScene(payloadBytes: self.payloadBytes)
        let readings = try SealedReadings(profile: self.profile, payloads: self.payloads, topic: self.topic)
        for _ in 0..<self.rounds { print(try self.round(scene, readings)) }
    }

    private func round(_ scene: SealingScene, _ readings: SealedReadings) throws -> String {
        var floor = SealingFloor()
        var operations: [String] = []
        for operation in try scene.operations() {
            let measured = try CPUTime.microseconds(calls: self.calls, operation.run)
            let least = try floor.microseconds(of: operation.work)
            operations.append(#""\#(operation.name)":{"us":\#(measured),"floor_us":\#(least)}"#)
        }
        var throughput: [String] = []
        for count in [1, 10, 50, 100] {
            let rate = try readings.perSecond(readingsInEnvelope: count, scene: scene)
            throughput.append(
                #""\#(count)":{"readings_per_s":\#(rate.readings),"envelope_bytes":\#(rate.envelopeBytes)}"#
            )
        }
        return #"{"operations":{\#(operations.joined(separator: ","))},"primitives":{\#(floor.json)},"#
            + #""throughput":{\#(throughput.joined(separator: ","))}}"#
    }
}
