"""What the chart offers to the ports."""

from clinic.ports import ChartTab

TAB = ChartTab("chart", "Since last visit", "chart:chart", "chart.read")  # port CHART_TABS
