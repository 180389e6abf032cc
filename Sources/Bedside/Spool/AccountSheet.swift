/// Which device each message of a batch came from, for the accounts.
package struct AccountSheet: Sendable {
    /// A device's hour.
    package struct Owner: Sendable, Hashable {
        /// The device's name; in parentheses what stands for it when the message does not tell.
        package let device: String
        /// Hours since 1970 UTC, by the gateway's clock.
        package let hour: Int64

        package init(device: String, hour: Int64) {
            self.device = device
            self.hour = hour
        }
    }

    /// What was decided about a message before its commit.
    enum PassedOver: UInt8 {
        case no
        case ignored
        case redelivered
    }

    /// Each owner once.
    private(set) var owners: [Owner] = []
    /// One for each message: index of its owner, and what was decided.
    private(set) var messages: [(owner: Int32, passedOver: PassedOver)] = []
    private var indices: [Owner: Int32] = [:]

    package static let hourMilliseconds: Int64 = 3_600_000

    /// The owner of messages that name no device.
    ///
    /// - Parameter reason: such as a profile's id.
    /// - Returns: a name that no device has by itself.
    package static func unnamed(_ reason: String) -> String { "(\(reason))" }

    /// Notes the next message.
    ///
    /// - Parameters:
    ///   - device: its name, or ``unnamed(_:)``.
    ///   - receivedAt: gateway clock, ns since 1970.
    package mutating func note(_ device: String, receivedAt: Int64) { self.add(device, receivedAt, .no) }

    /// Notes the next message as one that its profile says to ignore.
    package mutating func note(ignored device: String, receivedAt: Int64) { self.add(device, receivedAt, .ignored) }

    /// Notes the next message as one that the broker delivered twice.
    package mutating func note(redelivered device: String, receivedAt: Int64) {
        self.add(device, receivedAt, .redelivered)
    }

    private mutating func add(_ device: String, _ receivedAt: Int64, _ passedOver: PassedOver) {
        let hour = (receivedAt / 1_000_000).quotientAndRemainder(dividingBy: Self.hourMilliseconds).quotient
        let owner = Owner(device: device, hour: hour)
        if let last = self.messages.last, self.owners[Int(last.owner)] == owner {
            return self.messages.append((last.owner, passedOver))
        }
        let index = self.indices[owner] ?? Int32(self.owners.count)
        if Int(index) == self.owners.count {
            self.owners.append(owner)
            self.indices[owner] = index
        }
        self.messages.append((index, passedOver))
    }

    mutating func removeAll() {
        self.owners.removeAll(keepingCapacity: true)
        self.messages.removeAll(keepingCapacity: true)
        self.indices.removeAll(keepingCapacity: true)
    }
}

/// A device's messages of an hour, by what became of them.
package struct DeviceAccount: Sendable, Equatable {
    package let device: String
    /// Hours since 1970 UTC.
    package let hour: Int64
    /// Counted on its own, not as the sum of the others.
    package let counts: MessageCounts
    /// Observations that its messages brought when they came.
    package let observations: Int64
    /// Messages counted as dead letters that brought Observations all the same: in part, or by a later replay.
    package let beside: Int64
}
