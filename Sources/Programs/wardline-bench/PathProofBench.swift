import ArgumentParser
import BLS12381
import Foundation
import PathProofs
import ThresholdSignatures

/// Times the verification of path proofs beside the arithmetic that it cannot do without, all in one run.
struct PathProofBench: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "paths",
        abstract: "Time path proofs beside their Miller loops, one final exponentiation and hashes to G2.",
        discussion: """
            Processor time of the process; every round takes each row once, the best of three batches. The goal is judged \
            by the best of the rounds. Exit code 1 when it is missed.
            """
    )

    /// Of the whole verification, from the bytes on, for four hops.
    private static let goal = 1.3

    @Option(help: "Rounds over all rows.")
    var rounds = 5

    @Option(help: "Seats of each committee, four to 256; two thirds of them sign.")
    var seats = 10

    func validate() throws {
        if self.rounds < 1 { throw ValidationError("--rounds is at least 1") }
        if !(4...256).contains(self.seats) { throw ValidationError("--seats is 4 to 256") }
    }

    func run() throws {
        let scene = try PathScene(seats: self.seats)
        let counts = 1...PathProof.hopsMax
        let times = try SchemeTimes(rounds: self.rounds, rows: counts.flatMap { try self.rows($0, scene) })
        print(Self.cells(["microseconds", "best", "median", "its floor", "ratio"]))
        for row in times.rows {
            let floor = row.parts.map { times.sum($0) }
            print(
                Self.cells([
                    row.name, Self.number(times.best(row.name)), Self.number(times.median(row.name)),
                    floor.map(Self.number) ?? "",
                    floor.map { String(format: "%.3f", times.best(row.name) / $0) } ?? "",
                ])
            )
        }
        let hops = PathProof.hopsMax
        let ratio = times.best(Self.verified(hops)) / times.sum(Self.floor(hops))
        let verdict = ratio <= Self.goal ? "met" : "NOT MET"
        print("")
        print("\(Self.verified(hops)) / its floor: \(String(format: "%.3f", ratio)), at most \(Self.goal): \(verdict)")
        if ratio > Self.goal { throw ExitCode(1) }
    }

    private func rows(_ hops: Int, _ scene: PathScene) throws -> [SchemeRow] {
        let proof = try scene.proof(hops: hops)
        let bytes = proof.bytes
        let verifier = scene.verifier(hops: hops)
        let signed = proof.hops.map { $0.record.signedBytes(of: proof.message) }
        let pairs = signed.map { message in
            (G1Point.generator(times: SchemeRow.scalar()), G2Point.hash(message, domain: PathScene.domain))
        }
        let all = pairs + [(-G1Point.generator, G2Point.generator(times: SchemeRow.scalar()))]
        return [
            SchemeRow(Self.pairings(hops)) { _ = Pairing.product(all) },
            SchemeRow(Self.hashes(hops)) {
                for message in signed { _ = G2Point.hash(message, domain: PathScene.domain) }
            },
            SchemeRow(Self.verified(hops), parts: Self.floor(hops)) {
                _ = try verifier.verify(PathProof(bytes: bytes), payloadHash: PathScene.payloadHash)
            },
            SchemeRow("\(hops) hops: reading") { _ = try PathProof(bytes: bytes) },
            SchemeRow("\(hops) hops: decoding signatures") {
                for hop in proof.hops { _ = try G2Point(Array(hop.certificate.suffix(G2Point.byteCount))) }
            },
            SchemeRow("\(hops) hops: certificates one by one", parts: Self.floor(hops)) {
                for (hop, message) in zip(proof.hops, signed) {
                    guard let list = scene.list(of: hop.record.link.chain) else { continue }
                    try BitmapCertificate.verify(hop.certificate, of: message, by: list.committee)
                }
            },
        ]
    }

    private static func verified(_ hops: Int) -> String { "\(hops) hops: path proof" }
    private static func hashes(_ hops: Int) -> String { "\(hops) hops: hashes to G2" }
    private static func pairings(_ hops: Int) -> String { "\(hops) hops: product of \(hops + 1) pairings" }
    private static func floor(_ hops: Int) -> [(Int, String)] { [(1, self.pairings(hops)), (1, self.hashes(hops))] }

    private static func number(_ value: Double) -> String { String(format: "%.1f", value) }

    private static func cells(_ cells: [String]) -> String {
        let widths = [36, 11, 11, 16, 8]
        return zip(cells, widths).enumerated().map { index, cell in
            let padding = String(repeating: " ", count: max(0, cell.1 - cell.0.count))
            return index == 0 ? cell.0 + padding : padding + cell.0
        }.joined()
    }
}
