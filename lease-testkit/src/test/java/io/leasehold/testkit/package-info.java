/** The cluster of the test kit, used as its users would. */
package io.leasehold.testkit;
