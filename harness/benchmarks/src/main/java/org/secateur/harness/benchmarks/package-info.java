/** JMH benchmarks of what the program does, and the running of them. */
package org.secateur.harness.benchmarks;
