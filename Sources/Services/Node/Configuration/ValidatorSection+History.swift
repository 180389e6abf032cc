internal import StrictYAML
internal import Validator

extension ValidatorRoleConfiguration {
    /// What a new validator's channels begin with.
    private enum Beginning: String, CaseIterable { case blocks, snapshot }

    /// `validator.history`: how much of the past is kept, and how a new validator gets it.
    mutating func readHistory(_ field: YAMLField) throws(YAMLProblem) {
        let map = try field.mapping([
            "begin_with", "snapshot_every", "snapshots_kept", "blocks_kept", "block_file_bytes",
        ])
        if let beginning = try map["begin_with"]?.choice(Beginning.self) {
            self.validator.limits.beginsWithSnapshot = beginning == .snapshot
        }
        if let blocks = try map["snapshot_every"]?.integer(in: 0...100_000_000) {
            self.validator.limits.snapshotInterval = UInt64(blocks)
        }
        if let count = try map["snapshots_kept"]?.integer(in: 1...100) { self.validator.limits.snapshotsKept = count }
        if let bytes = try map["block_file_bytes"]?.byteCount(in: 4 << 10...1 << 30) {
            self.validator.limits.blockFileBytes = bytes
        }
        guard let kept = map["blocks_kept"] else { return }
        self.validator.limits.blocksKept = UInt64(try kept.integer(in: 1...1_000_000_000_000))
        guard self.validator.limits.snapshotInterval > 0 else {
            throw kept.problem("needs snapshots, which stand for the blocks that go: snapshot_every must not be 0")
        }
    }
}
