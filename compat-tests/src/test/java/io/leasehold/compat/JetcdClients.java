package io.leasehold.compat;

import io.etcd.jetcd.Client;
import io.leasehold.cluster.MemberProcess;
import java.util.List;

/** Makes clients of jetcd. */
final class JetcdClients {
  private JetcdClients() {}

  static Client of(List<MemberProcess> members) {
    return Client.builder()
        .endpoints(
            members.stream().map(member -> "http://" + member.endpoint()).toArray(String[]::new))
        .build();
  }
}
