package io.leasehold.jepsen.check;

/** A member's process that ended though nobody told it to. */
public record MemberEnd(String member, int exitCode, long atNanos) {}
