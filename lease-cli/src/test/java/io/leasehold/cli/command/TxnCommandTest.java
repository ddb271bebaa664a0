package io.leasehold.cli.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.leasehold.api.etcdserverpb.Compare;
import io.leasehold.api.etcdserverpb.Compare.CompareResult;
import io.leasehold.api.etcdserverpb.Compare.CompareTarget;
import io.leasehold.api.etcdserverpb.RangeRequest;
import io.leasehold.api.etcdserverpb.RequestOp;
import java.util.List;
import org.junit.jupiter.api.Test;

final class TxnCommandTest {
  private static Compare.Builder compare(CompareTarget target, CompareResult result) {
    return Compare.newBuilder()
        .setKey(ByteString.copyFromUtf8("k"))
        .setTarget(target)
        .setResult(result);
  }

  @Test
  void comparisonsAreReadInEtcdctlsSyntax() {
    assertThat(TxnCommand.comparison("mod(\"k\") > \"3\""))
        .isEqualTo(compare(CompareTarget.MOD, CompareResult.GREATER).setModRevision(3).build());
    assertThat(TxnCommand.comparison("c(\"k\") = \"0\""))
        .isEqualTo(compare(CompareTarget.CREATE, CompareResult.EQUAL).setCreateRevision(0).build());
    assertThat(TxnCommand.comparison("version(\"k\") != \"1\""))
        .isEqualTo(compare(CompareTarget.VERSION, CompareResult.NOT_EQUAL).setVersion(1).build());
    assertThat(TxnCommand.comparison("lease(\"k\") < \"ff\""))
        .isEqualTo(compare(CompareTarget.LEASE, CompareResult.LESS).setLease(255).build());
    assertThat(TxnCommand.comparison("val(\"k\")=\"a \\\"b\\\" )\""))
        .isEqualTo(
            compare(CompareTarget.VALUE, CompareResult.EQUAL)
                .setValue(ByteString.copyFromUtf8("a \"b\" )"))
                .build());
  }

  @Test
  void whatIsNoComparisonIsRefusedInOneLineThatNamesIt() {
    for (String wrong :
        List.of(
            "mod(n1) ? 3",
            "mod(\"n1\") ? \"3\"",
            "mod(\"n1\") > 3",
            "foo(\"n1\") = \"3\"",
            "mod(\"n1\") > \"x\"",
            "mod",
            "(\"a\") = \"1\"",
            "mod(\"a\") = \"1\" x")) {
      assertThatThrownBy(() -> TxnCommand.comparison(wrong))
          .as(wrong)
          .isInstanceOf(CommandException.class)
          .hasMessageContaining(wrong)
          .extracting(e -> ((CommandException) e).code())
          .isEqualTo(ExitCode.BAD_INPUT);
    }
  }

  @Test
  void requestsAreReadLikeCommands() {
    RequestOp put = TxnCommand.operation("put k \"hello world\" --lease=1f --prev-kv");
    assertThat(put.getRequestPut().getValue().toStringUtf8()).isEqualTo("hello world");
    assertThat(put.getRequestPut().getLease()).isEqualTo(0x1f);
    assertThat(put.getRequestPut().getPrevKv()).isTrue();
    RangeRequest get = TxnCommand.operation("get k --prefix --limit 3").getRequestRange();
    assertThat(get.getRangeEnd().toStringUtf8()).isEqualTo("l");
    assertThat(get.getLimit()).isEqualTo(3);
    assertThat(TxnCommand.operation("del \"\" --from-key").getRequestDeleteRange().getRangeEnd())
        .isEqualTo(KeyRequests.NUL);
    for (String wrong : List.of("foo k", "put \"k", "get k --nosuch")) {
      assertThatThrownBy(() -> TxnCommand.operation(wrong))
          .hasMessageStartingWith("invalid txn request: " + wrong);
    }
  }
}
