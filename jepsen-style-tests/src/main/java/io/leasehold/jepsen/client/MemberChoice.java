package io.leasehold.jepsen.client;

import java.util.List;

/** Which member a client asks next. For one thread. */
public final class MemberChoice {
  private final List<String> members;
  private final boolean isMovedByUse;
  private final boolean isMovedByFailure;
  private int at;

  private MemberChoice(
      List<String> members, int first, boolean isMovedByUse, boolean isMovedByFailure) {
    this.members = List.copyOf(members);
    this.at = Math.floorMod(first, members.size());
    this.isMovedByUse = isMovedByUse;
    this.isMovedByFailure = isMovedByFailure;
  }

  /** The same member whatever happens. */
  public static MemberChoice pinned(String member) {
    return new MemberChoice(List.of(member), 0, false, false);
  }

  /** Another member each time. */
  public static MemberChoice rotating(List<String> members, int first) {
    return new MemberChoice(members, first, true, false);
  }

  /** Another member after each operation that came to nothing, as most clients do. */
  public static MemberChoice movingOn(List<String> members, int first) {
    return new MemberChoice(members, first, false, true);
  }

  String next() {
    String member = members.get(at);
    if (isMovedByUse) {
      move();
    }
    return member;
  }

  void failed() {
    if (isMovedByFailure) {
      move();
    }
  }

  private void move() {
    at = (at + 1) % members.size();
  }
}
