package io.leasehold.jepsen.client;

import static io.leasehold.jepsen.history.Result.FAIL;
import static io.leasehold.jepsen.history.Result.INFO;
import static io.leasehold.jepsen.history.Result.OK;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import io.grpc.Status.Code;
import io.leasehold.jepsen.history.Result;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

final class OutcomeMapperTest {

  static Stream<Arguments> codes() {
    return Stream.of(
        of(Code.OK, "", OK),
        of(Code.CANCELLED, "client cancelled", INFO),
        of(Code.UNKNOWN, "etcdserver: too many requests", FAIL),
        of(Code.UNKNOWN, "etcdserver: something else", INFO),
        of(Code.UNKNOWN, "Application error processing RPC", INFO),
        of(Code.INVALID_ARGUMENT, "etcdserver: key is not provided", FAIL),
        of(Code.INVALID_ARGUMENT, "leasehold: unknown kind of comparison", FAIL),
        of(Code.INVALID_ARGUMENT, "who knows who says so", INFO),
        of(Code.DEADLINE_EXCEEDED, "deadline exceeded after 1s", INFO),
        of(Code.NOT_FOUND, "etcdserver: requested lease not found", FAIL),
        of(Code.NOT_FOUND, "HTTP status code 404", INFO),
        of(Code.ALREADY_EXISTS, "etcdserver: member already exists", FAIL),
        of(Code.ALREADY_EXISTS, "", INFO),
        of(Code.PERMISSION_DENIED, "etcdserver: permission denied", FAIL),
        of(Code.PERMISSION_DENIED, "HTTP status code 403", INFO),
        of(Code.UNAUTHENTICATED, "etcdserver: invalid auth token", FAIL),
        of(Code.UNAUTHENTICATED, "HTTP status code 401", INFO),
        of(Code.RESOURCE_EXHAUSTED, "etcdserver: mvcc: database space exceeded", FAIL),
        // The answer was too large for the client: the request was executed.
        of(Code.RESOURCE_EXHAUSTED, "gRPC message exceeds maximum size 4194304: 5000000", INFO),
        of(Code.FAILED_PRECONDITION, "etcdserver: lease already exists", FAIL),
        of(Code.FAILED_PRECONDITION, "etcdserver: not leader", FAIL),
        of(Code.FAILED_PRECONDITION, "", INFO),
        of(Code.ABORTED, "etcdserver: whatever", INFO),
        of(Code.OUT_OF_RANGE, "etcdserver: mvcc: required revision has been compacted", FAIL),
        of(Code.OUT_OF_RANGE, "", INFO),
        of(Code.UNIMPLEMENTED, "Method not found: etcdserverpb.KV/Range", FAIL),
        of(Code.INTERNAL, "RST_STREAM closed stream", INFO),
        of(Code.UNAVAILABLE, "io exception", INFO),
        of(Code.UNAVAILABLE, "etcdserver: request timed out", INFO),
        of(Code.UNAVAILABLE, "etcdserver: leader changed", INFO),
        of(Code.UNAVAILABLE, "etcdserver: no leader", INFO),
        of(Code.DATA_LOSS, "etcdserver: corrupt cluster", INFO));
  }

  private static Arguments of(Code code, String text, Result expected) {
    return Arguments.of(code, text, expected);
  }

  @ParameterizedTest
  @MethodSource("codes")
  void whatMayHaveBeenSentIsJudgedByCodeAndText(Code code, String text, Result expected) {
    assertThat(OutcomeMapper.of(code.toStatus().withDescription(text), true)).isEqualTo(expected);
  }

  @Test
  void everyCodeHasItsCase() {
    Set<Code> covered =
        codes().map(arguments -> (Code) arguments.get()[0]).collect(Collectors.toSet());

    assertThat(covered).isEqualTo(EnumSet.allOf(Code.class));
  }

  @ParameterizedTest
  @EnumSource(value = Code.class, mode = EnumSource.Mode.EXCLUDE, names = "OK")
  void whatWasNeverSentWasNeverExecuted(Code code) {
    assertThat(OutcomeMapper.of(code.toStatus(), false)).isEqualTo(FAIL);
  }

  @Test
  void aStatusWithoutTextIsUncertain() {
    assertThat(OutcomeMapper.of(Status.NOT_FOUND, true)).isEqualTo(INFO);
    assertThat(OutcomeMapper.of(Status.UNKNOWN, true)).isEqualTo(INFO);
  }

  @Test
  void descriptionsAreOneLine() {
    Status status = Status.INTERNAL.withDescription("a\nb").withCause(new Exception("c\nd"));

    assertThat(OutcomeMapper.describe(status)).isEqualTo("INTERNAL: a b (c d)");
  }
}
