@NullMarked
package io.leasehold.jepsen.workload;

import org.jspecify.annotations.NullMarked;
