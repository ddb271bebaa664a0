package io.leasehold.cli.output;

import com.google.protobuf.ByteString;
import io.leasehold.api.etcdserverpb.MemberListResponse;
import io.leasehold.cli.flag.Durations;
import java.util.List;

/** Tables in frames, for the commands that etcdctl has them for. */
public final class TablePrinter extends SimplePrinter {
  public TablePrinter() {
    super(false, false);
  }

  @Override
  public ByteString members(MemberListResponse answer) {
    TextTable table =
        new TextTable("id", "status", "name", "peer addrs", "client addrs", "is learner");
    answer.getMembersList().forEach(one -> table.row(row(one)));
    return Text.of(table.text());
  }

  @Override
  public ByteString statuses(List<EndpointStatus> all) {
    TextTable table =
        new TextTable(
            "endpoint",
            "id",
            "version",
            "db size",
            "is leader",
            "is learner",
            "raft term",
            "raft index",
            "raft applied index",
            "errors");
    all.forEach(one -> table.row(row(one)));
    return Text.of(table.text());
  }

  @Override
  public ByteString hashes(List<EndpointHash> all) {
    TextTable table = new TextTable("endpoint", "hash");
    all.forEach(
        one -> table.row(List.of(one.endpoint(), Integer.toUnsignedString(one.hash().getHash()))));
    return Text.of(table.text());
  }

  @Override
  public ByteString healths(List<EndpointHealth> all) {
    TextTable table = new TextTable("endpoint", "health", "took", "error");
    all.forEach(
        one ->
            table.row(
                List.of(
                    one.endpoint(),
                    Boolean.toString(one.isHealthy()),
                    Durations.text(one.took()),
                    one.error())));
    return Text.of(table.text());
  }
}
