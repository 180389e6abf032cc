/// Which pseudonym stands for which after merges (A40), as a fold over them.
struct MergedNames: Sendable {
    private var survivors: [String: String] = [:]

    /// Follows a merge: from then on both names are the surviving one.
    mutating func merge(_ movement: Movement) {
        // The newest word counts: a name that is given up and taken again lives again.
        self.survivors[movement.patient] = nil
        let merged = self.name(of: movement.merged)
        if merged != movement.patient { self.survivors[merged] = movement.patient }
    }

    /// What somebody is called by now.
    func name(of patient: String) -> String {
        var name = patient
        // A name is given up only for one that lives, so that a chain ends; the bound is for safety.
        for _ in 0...self.survivors.count {
            guard let survivor = self.survivors[name] else { break }
            name = survivor
        }
        return name
    }
}

/// Patients of whom merges say that they are one, whatever the order in which merges came.
struct MergedGroups: Sendable {
    private var members: [String: Set<String>] = [:]
    private var keys: [String: String] = [:]

    /// What a patient's record is kept under: the first of all her names.
    func key(of patient: String) -> String { self.keys[patient] ?? patient }

    /// Joins the names of a merge.
    ///
    /// - Returns: the keys before, one or two, and the one now.
    mutating func join(_ movement: Movement) -> (before: Set<String>, now: String) {
        let before: Set = [self.key(of: movement.patient), self.key(of: movement.merged)]
        var all: Set = [movement.patient, movement.merged]
        for key in before { all.formUnion(self.members.removeValue(forKey: key) ?? []) }
        let now = all.min() ?? movement.patient
        self.members[now] = all
        for name in all { self.keys[name] = now }
        return (before, now)
    }

    /// Forgets a record's names.
    mutating func forget(_ key: String) {
        for name in self.members.removeValue(forKey: key) ?? [] { self.keys[name] = nil }
    }
}
