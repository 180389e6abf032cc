internal import CanonicalBytes
internal import Consensus
internal import Foundation
internal import Ledger

/// One entry of an event stream.
struct LedgerEvent {
    let place: EventPlace
    let topic: String
    /// JSON of one line.
    let data: String

    /// Everything that a block tells, in order: the block, then what became of each transaction.
    static func all(of block: ServedBlock) -> [LedgerEvent] {
        let header = block.block.header
        var events: [LedgerEvent] = []
        func add(_ topic: String, _ members: [String: Any]) {
            let place = EventPlace(height: header.height, index: UInt32(events.count))
            events.append(LedgerEvent(place: place, topic: topic, data: Self.json(members)))
        }
        add(
            "block",
            [
                "block": header.hash.bytes.hex, "time_ms": header.time,
                "transactions": block.block.transactions.count,
            ]
        )
        for (transaction, receipt) in zip(block.block.transactions, block.receipts) {
            let origin: [String: Any] = ["transaction": transaction.id.hex, "contract": transaction.body.contract]
            if receipt.code != 0 {
                add("rejected", origin.merging(["code": Int(receipt.code)]) { $1 })
            }
            for event in receipt.events {
                let data = Data(event.data).base64EncodedString()
                add(event.topic, origin.merging(["data": data]) { $1 })
            }
        }
        return events
    }

    /// As it stands in a stream of the type `text/event-stream`.
    var text: String { "id: \(self.place)\nevent: \(Self.oneLine(self.topic))\ndata: \(self.data)\n\n" }

    /// A line break would end the field.
    private static func oneLine(_ text: String) -> String {
        String(decoding: text.utf8.map { $0 < 32 || $0 == 127 ? UInt8(ascii: "_") : $0 }, as: UTF8.self)
    }

    private static func json(_ members: [String: Any]) -> String {
        let options: JSONSerialization.WritingOptions = [.sortedKeys, .withoutEscapingSlashes]
        let data = try? JSONSerialization.data(withJSONObject: members, options: options)
        return String(decoding: data ?? Data("{}".utf8), as: UTF8.self)
    }
}
