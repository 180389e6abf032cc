import CanonicalBytes
import EVMProofs
import Foundation
import IBTP
import Synchronization

// What the node answers.
extension TestNode {
    func answer(_ body: Data) -> Data {
        let state = self.state.withLock { $0 }
        if state.lie == .brokenText { return Data("{\"jsonrpc\"".utf8) }
        guard let question = try? JSONSerialization.jsonObject(with: body) as? [String: Any],
            let method = question["method"] as? String, let parameters = question["params"] as? [Any]
        else { return Data() }
        var answer: [String: Any] = ["jsonrpc": "2.0", "id": question["id"] ?? 0]
        if state.lie == .wrongQuestion { answer["id"] = -1 }
        switch method {
        case "eth_blockNumber": answer["result"] = Self.hex(UInt64(state.blocks.count - 1))
        case "eth_chainId": answer["result"] = "0x539"
        case "eth_getBlockByNumber": answer["result"] = Self.block(parameters[0] as? String ?? "", state)
        case "eth_getTransactionReceipt": answer["result"] = Self.receipt(parameters[0] as? String ?? "", state)
        case "eth_getLogs":
            let query = parameters[0] as? [String: Any] ?? [:]
            let from = Self.number(query["fromBlock"] as? String)
            let to = Self.number(query["toBlock"] as? String)
            self.state.withLock { $0.widest = max($0.widest, to - from + 1) }
            if state.lie == .wideQuery, to > from + 1 {
                answer["error"] = ["code": -32_005, "message": "too many blocks"]
            } else {
                answer["result"] = Self.logs(from, to, state)
            }
        default: answer["error"] = ["code": -32_601, "message": "no such method"]
        }
        return (try? JSONSerialization.data(withJSONObject: answer)) ?? Data()
    }

    private static func block(_ name: String, _ state: State) -> Any {
        let height = Int(self.number(name))
        guard state.blocks.indices.contains(height) else { return NSNull() }
        let block = state.blocks[height]
        guard let fields = try? RLPItem(encoded: block.header.rlp).list("a header") else { return NSNull() }
        var answer: [String: Any] = ["hash": "0x" + block.header.hash.hex, "uncles": [String]()]
        for (field, item) in zip(EVMBlockHeader.Field.allCases, fields) {
            let bytes = (try? item.bytes("it")) ?? []
            if case .number = field.shape {
                answer["\(field)"] = bytes.isEmpty ? "0x0" : "0x" + String(bytes.hex.drop { $0 == "0" })
            } else {
                answer["\(field)"] = "0x" + bytes.hex
            }
        }
        answer["transactions"] = block.transactions.map { "0x" + $0.hex }
        if state.lie == .anotherHash { answer["timestamp"] = "0x1" }
        if state.lie == .anotherParent, height == 6 {
            return Self.block(name, State(blocks: Self.shifted(state.blocks, height)))
        }
        return answer
    }

    /// The chain with a block that does not follow the one before.
    private static func shifted(_ blocks: [Block], _ height: Int) -> [Block] {
        guard var fields = try? RLPItem(encoded: blocks[height].header.rlp).list("a header") else { return blocks }
        fields[0] = .bytes([UInt8](repeating: 9, count: 32))
        guard let header = try? EVMBlockHeader(fields: fields) else { return blocks }
        var blocks = blocks
        blocks[height].header = header
        return blocks
    }

    private static func receipt(_ digest: String, _ state: State) -> Any {
        guard state.lie != .missingReceipt else { return NSNull() }
        for block in state.blocks {
            guard let place = block.transactions.firstIndex(where: { "0x" + $0.hex == digest }) else { continue }
            let receipt = block.receipts[place]
            let gas = receipt.cumulativeGasUsed + (state.lie == .anotherReceipt ? 1 : 0)
            return [
                "type": self.hex(UInt64(receipt.type)), "status": receipt.isSuccess ? "0x1" : "0x0",
                "cumulativeGasUsed": self.hex(gas), "transactionHash": digest,
                "transactionIndex": self.hex(UInt64(place)), "blockNumber": self.hex(block.header.number),
                "blockHash": "0x" + block.header.hash.hex, "contractAddress": NSNull(),
                "logs": receipt.logs.map(self.log),
            ]
        }
        return NSNull()
    }

    private static func logs(_ from: UInt64, _ to: UInt64, _ state: State) -> [[String: Any]] {
        guard state.lie != .forgottenLogs else { return [] }
        return state.blocks.filter { (from...to).contains($0.header.number) }.flatMap { block in
            block.receipts.enumerated().flatMap { place, receipt in
                receipt.logs.filter { $0.address == Self.broker }.map { log in
                    let isOther = state.lie == .logsOfAnotherBlock
                    return self.log(log).merging([
                        "blockNumber": self.hex(block.header.number), "transactionIndex": self.hex(UInt64(place)),
                        "blockHash": "0x" + (isOther ? [UInt8](repeating: 3, count: 32) : block.header.hash).hex,
                        "removed": state.lie == .takenBack,
                    ]) { $1 }
                }
            }
        }
    }

    private static func log(_ log: EVMLog) -> [String: Any] {
        [
            "address": log.address.checksummed, "topics": log.topics.map { "0x" + $0.hex },
            "data": "0x" + log.data.hex,
        ]
    }

    private static func hex(_ number: UInt64) -> String { "0x" + String(number, radix: 16) }

    private static func number(_ text: String?) -> UInt64 { UInt64(text?.dropFirst(2) ?? "", radix: 16) ?? 0 }
}
