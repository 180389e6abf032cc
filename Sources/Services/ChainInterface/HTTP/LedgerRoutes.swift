internal import CanonicalBytes
internal import Consensus
internal import Hummingbird
internal import Ledger
internal import NIOCore
internal import SecureHTTP

extension ChainAPI {
    /// What is final: blocks, headers, committees and the state.
    var ledgerRoutes: [ChainRoute] {
        let channel = "/v1/channels/{channel}"
        return [
            ChainRoute(.get, "/v1/genesis", for: .anybody, answers: [200]) { _, _ in .bytes(self.backend.genesis.bytes)
            },
            ChainRoute(.get, "\(channel)/state/{key}", for: .anybody, answers: [200, 404], self.value),
            ChainRoute(
                .get,
                "\(channel)/blocks",
                for: .anybody,
                query: ["from", "limit"],
                answers: [200, 404, 410],
                self.blocks
            ),
            ChainRoute(.get, "\(channel)/blocks/{height}", for: .anybody, answers: [200, 404, 410], self.block),
            ChainRoute(
                .get,
                "\(channel)/blocks/{height}/receipts",
                for: .anybody,
                answers: [200, 404, 410],
                self.receipts
            ),
            ChainRoute(
                .get,
                "\(channel)/blocks/{height}/outbound/{index}",
                for: .anybody,
                query: ["tree"],
                answers: [200, 404, 410],
                self.outbound
            ),
            ChainRoute(
                .get,
                "\(channel)/headers",
                for: .anybody,
                query: ["since", "limit"],
                answers: [200, 404, 410],
                self.headers
            ),
            ChainRoute(
                .get,
                "\(channel)/committees",
                for: .anybody,
                query: ["after"],
                answers: [200, 404],
                self.committees
            ),
        ]
    }

    @Sendable private func value(_ reading: RequestReading, _ origin: RequestOrigin) async throws -> Response {
        let channel = try reading.channel()
        return .bytes(try await self.backend.valueProof(of: try reading.stateKey(), on: channel).bytes)
    }

    @Sendable private func block(_ reading: RequestReading, _ origin: RequestOrigin) async throws -> Response {
        let block = try await self.found(reading)
        var writer = CanonicalWriter(capacity: block.payload.count + 1_024)
        writer.lengthPrefixed(block.payload)
        writer.lengthPrefixed(block.certificate.bytes)
        return .bytes(writer.bytes)
    }

    @Sendable private func receipts(_ reading: RequestReading, _ origin: RequestOrigin) async throws -> Response {
        let block = try await self.found(reading)
        var writer = CanonicalWriter(capacity: 128 * block.receipts.count)
        for receipt in block.receipts { writer.lengthPrefixed(receipt.bytes) }
        return .bytes(writer.bytes)
    }

    /// What the block says to another chain, with the proof.
    @Sendable private func outbound(_ reading: RequestReading, _ origin: RequestOrigin) async throws -> Response {
        let (tree, index) = (try reading.outboundTree(), try reading.leafIndex())
        let block = try await self.found(reading)
        guard
            let proof = OutboundProof(
                index,
                of: tree,
                header: block.block.header,
                receipts: block.receipts,
                certificate: block.certificate
            )
        else { throw Problem(.notFound, code: "unknown-leaf", detail: "the block says no such thing to other chains") }
        return .bytes(proof.bytes)
    }

    private func found(_ reading: RequestReading) async throws -> ServedBlock {
        let channel = try reading.channel()
        let height = try reading.height(latest: self.backend.height(of: channel))
        guard let block = try await self.backend.block(at: height, on: channel) else {
            throw Problem(.notFound, code: "unknown-block", detail: "there is no block of this height yet")
        }
        return block
    }

    @Sendable private func blocks(_ reading: RequestReading, _ origin: RequestOrigin) async throws -> Response {
        let from = try reading.queryNumber("from") ?? 1
        guard from > 0 else { throw RequestReading.malformed("from is 1 or more: block 0 follows from the genesis") }
        return try await self.listing(reading, origin, from: from, bytesMax: ChainAPILimits.blocksBytesMax) {
            ($0.payload, $0.certificate.bytes)
        }
    }

    @Sendable private func headers(_ reading: RequestReading, _ origin: RequestOrigin) async throws -> Response {
        let since = try reading.queryNumber("since") ?? 0
        guard since < .max else { throw RequestReading.malformed("since is a height") }
        return try await self.listing(reading, origin, from: since + 1, bytesMax: ChainAPILimits.listBytesMax) {
            ($0.block.header.bytes, $0.certificate.bytes)
        }
    }

    /// Pairs of texts from a height upwards, as many as fit; the first one always does.
    private func listing(
        _ reading: RequestReading,
        _ origin: RequestOrigin,
        from first: Height,
        bytesMax: Int,
        _ texts: (ServedBlock) -> ([UInt8], [UInt8])
    ) async throws -> Response {
        let channel = try reading.channel()
        let limit = try reading.limit()
        guard let share = self.listings.share(of: origin) else { throw Self.busy("listings are read") }
        var writer = CanonicalWriter(capacity: 65_536)
        var height = first
        while height - first < UInt64(limit), let block = try await self.backend.block(at: height, on: channel) {
            let (one, other) = texts(block)
            guard height == first || writer.bytes.count + one.count + other.count + 8 <= bytesMax else { break }
            writer.lengthPrefixed(one)
            writer.lengthPrefixed(other)
            guard height < .max else { break }
            height += 1
        }
        return Self.held(writer.bytes, share)
    }

    /// An answer whose memory counts until it is sent, or the connection is gone.
    private static func held(_ bytes: [UInt8], _ share: Allowance.Share) -> Response {
        let buffer = ByteBuffer(bytes: bytes)
        return Response(
            status: .ok,
            headers: [.contentType: "application/octet-stream"],
            body: .init(contentLength: bytes.count) { writer in
                defer { withExtendedLifetime(share) {} }
                try await writer.write(buffer)
                try await writer.finish(nil)
            }
        )
    }

    @Sendable private func committees(_ reading: RequestReading, _ origin: RequestOrigin) async throws -> Response {
        let channel = try reading.channel()
        let epoch = try reading.queryNumber("after") ?? 0
        var bytes: [UInt8] = []
        for handover in try await self.backend.handovers(after: epoch, on: channel) {
            let next = handover.bytes
            guard bytes.isEmpty || bytes.count + next.count <= ChainAPILimits.listBytesMax else { break }
            bytes += next
        }
        return .bytes(bytes)
    }
}
