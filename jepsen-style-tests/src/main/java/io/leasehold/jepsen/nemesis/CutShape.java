package io.leasehold.jepsen.nemesis;

import io.leasehold.jepsen.cluster.DirectedPair;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Which directions a partition cuts. The members come in an order that chance, or a role, gave. */
enum CutShape {
  /** The larger half goes on; the first members are the smaller one. */
  HALF {
    @Override
    Set<DirectedPair> cuts(List<String> members) {
      return apart(members, (members.size() - 1) / 2);
    }
  },

  /** The first member is alone. */
  ISOLATED {
    @Override
    Set<DirectedPair> cuts(List<String> members) {
      return apart(members, 1);
    }
  },

  /** The first member hears the others, and they do not hear it. */
  MUTE {
    @Override
    Set<DirectedPair> cuts(List<String> members) {
      Set<DirectedPair> cuts = new HashSet<>();
      members.stream().skip(1).forEach(other -> cuts.add(new DirectedPair(members.get(0), other)));
      return cuts;
    }
  },

  /** The others hear the first member, and it does not hear them. */
  DEAF {
    @Override
    Set<DirectedPair> cuts(List<String> members) {
      Set<DirectedPair> cuts = new HashSet<>();
      members.stream().skip(1).forEach(other -> cuts.add(new DirectedPair(other, members.get(0))));
      return cuts;
    }
  },

  /** Two halves that only the first member still reaches. */
  BRIDGE {
    @Override
    Set<DirectedPair> cuts(List<String> members) {
      List<String> others = members.subList(1, members.size());
      return apart(others, others.size() / 2);
    }
  },

  /** Everybody is connected to just enough for a majority, and everybody to others. */
  RING {
    @Override
    Set<DirectedPair> cuts(List<String> members) {
      int size = members.size();
      int others = size / 2;
      Set<DirectedPair> cuts = new HashSet<>();
      for (int listener = 0; listener < size; listener++) {
        for (int speaker = 0; speaker < size; speaker++) {
          int ahead = Math.floorMod(speaker - listener, size);
          // An odd number of neighbours cannot be shared out: then each hears those ahead of it.
          boolean isHeard =
              others % 2 == 0 ? Math.min(ahead, size - ahead) <= others / 2 : ahead <= others;
          if (!isHeard) {
            cuts.add(new DirectedPair(members.get(speaker), members.get(listener)));
          }
        }
      }
      return cuts;
    }
  };

  abstract Set<DirectedPair> cuts(List<String> members);

  /** Cuts the first few off from the rest, both ways. */
  private static Set<DirectedPair> apart(List<String> members, int first) {
    Set<DirectedPair> cuts = new HashSet<>();
    for (String one : members.subList(0, first)) {
      for (String other : members.subList(first, members.size())) {
        cuts.add(new DirectedPair(one, other));
        cuts.add(new DirectedPair(other, one));
      }
    }
    return cuts;
  }
}
