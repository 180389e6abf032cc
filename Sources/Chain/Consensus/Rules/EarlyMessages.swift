/// Messages of a view that this replica has not entered yet: a bounded number from each sender.
struct EarlyMessages: Sendable {
    private struct Entry: Sendable {
        let sender: ReplicaID
        var view: View
        var messages: [VerifiedMessage]
    }

    /// Ascending by sender.
    private var entries: [Entry] = []
    let limit: Int

    init(limit: Int) { self.limit = limit }

    /// Keeps a message for later; of one sender only those of the highest view it sent.
    mutating func keep(_ message: VerifiedMessage, view: View) {
        let place = self.entries.firstIndex { $0.sender >= message.sender } ?? self.entries.count
        guard place < self.entries.count, self.entries[place].sender == message.sender else {
            self.entries.insert(Entry(sender: message.sender, view: view, messages: [message]), at: place)
            return
        }
        if view > self.entries[place].view {
            self.entries[place] = Entry(sender: message.sender, view: view, messages: [message])
        } else if view == self.entries[place].view, self.entries[place].messages.count < self.limit {
            self.entries[place].messages.append(message)
        }
    }

    /// Hands out what was kept for this view and forgets it with everything older.
    mutating func take(for view: View) -> [VerifiedMessage] {
        let due = self.entries.filter { $0.view == view }.flatMap(\.messages)
        self.entries.removeAll { $0.view <= view }
        return due
    }

    var count: Int { self.entries.reduce(0) { $0 + $1.messages.count } }

    mutating func clear() { self.entries = [] }
}
