/* Each column of a panel stands for a few seconds: the area is their mean, the line their peak. The
 * trouble is shaded, the rule is a dashed line.
 */
#include "fleet/plot.h"

enum {
	WIDTH = 960,
	PANEL = 230,
	TOP = 34,
	BOTTOM = 34,
	LEFT = 58,
	RIGHT = 20,
	HEADING = 40,
	STEP_MINUTES = 10,
};

struct panel {
	const struct fleet_day *day;
	double top; /* of the panel in the picture */
	double most_percent;
};

static double across(const struct panel *panel, double second)
{
	return LEFT + second * (WIDTH - LEFT - RIGHT) / (double)panel->day->seconds;
}

static double down(const struct panel *panel, double percent)
{
	double height = PANEL - TOP - BOTTOM;

	return panel->top + TOP + height * (1 - percent / panel->most_percent);
}

/* The scale reaches past the rule and past the highest second. */
static double scale_of(const struct fleet_day *day)
{
	static const double scales[] = {2.5, 5, 10, 25, 50, 100, 250};
	size_t second, i = 0;
	double peak = fleet_day_percent(day, fleet_day_peak(day, 0, day->seconds, &second));

	while (i + 1 < sizeof scales / sizeof scales[0] && scales[i] < peak)
		i++;
	return scales[i];
}

static void scale_draw(FILE *out, const struct panel *panel)
{
	double bottom = down(panel, 0);
	long relief_m = (long)(panel->day->scenario->ends_s / 60);
	long end_m = (long)(panel->day->seconds / 60);

	for (int i = 0; i <= 5; i++) {
		double percent = panel->most_percent * i / 5;

		fprintf(out, "<line class=\"grid\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/>\n",
			LEFT, WIDTH - RIGHT, down(panel, percent), down(panel, percent));
		fprintf(out, "<text class=\"y\" x=\"%d\" y=\"%.1f\">%g %%</text>\n", LEFT - 6,
			down(panel, percent) + 4, percent);
	}
	for (long m = relief_m % STEP_MINUTES; m <= end_m; m += STEP_MINUTES) {
		double x = across(panel, (double)m * 60);

		fprintf(out,
			"<line class=\"tick\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\"/>\n",
			x, x, bottom, bottom + 4);
		fprintf(out, "<text class=\"x\" x=\"%.1f\" y=\"%.1f\">%+ld min</text>\n", x,
			bottom + 16, m - relief_m);
	}
}

static void trouble_draw(FILE *out, const struct panel *panel)
{
	const struct fleet_scenario *scenario = panel->day->scenario;
	double from = across(panel, (double)scenario->begins_s);
	double to = across(panel, (double)scenario->ends_s);
	double top = down(panel, panel->most_percent);

	fprintf(out,
		"<rect class=\"trouble\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>\n",
		from, top, to - from, down(panel, 0) - top);
}

static void rule_draw(FILE *out, const struct panel *panel)
{
	fprintf(out, "<line class=\"rule\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/>\n", LEFT,
		WIDTH - RIGHT, down(panel, FLEET_RULE_PERCENT), down(panel, FLEET_RULE_PERCENT));
}

static size_t column_second(const struct fleet_day *day, int column)
{
	return day->seconds * (size_t)column / (size_t)(WIDTH - LEFT - RIGHT);
}

static double column_mean(const struct fleet_day *day, size_t from_s, size_t to_s)
{
	double sum = 0;

	for (size_t i = from_s; i < to_s; i++)
		sum += day->arrivals[i];
	return to_s > from_s ? sum / (double)(to_s - from_s) : 0;
}

static void arrivals_draw(FILE *out, const struct panel *panel, bool is_peak)
{
	const struct fleet_day *day = panel->day;
	size_t second;

	fprintf(out, "<%s points=\"",
		is_peak ? "polyline class=\"peak\"" : "polygon class=\"mean\"");
	if (!is_peak)
		fprintf(out, "%d,%.1f ", LEFT, down(panel, 0));
	for (int column = 0; column < WIDTH - LEFT - RIGHT; column++) {
		size_t from_s = column_second(day, column), to_s = column_second(day, column + 1);
		double arrivals;

		if (to_s == from_s)
			to_s = from_s + 1;
		arrivals = is_peak ? fleet_day_peak(day, from_s, to_s, &second)
				   : column_mean(day, from_s, to_s);
		fprintf(out, "%d,%.1f ", LEFT + column,
			down(panel, fleet_day_percent(day, arrivals)));
	}
	if (!is_peak)
		fprintf(out, "%d,%.1f", WIDTH - RIGHT, down(panel, 0));
	fputs("\"/>\n", out);
}

static void panel_draw(FILE *out, const struct fleet_day *day, size_t number)
{
	struct panel panel = {day, HEADING + (double)number * PANEL, scale_of(day)};
	size_t second;

	fprintf(out, "<text class=\"title\" x=\"%d\" y=\"%.1f\">%s</text>\n", LEFT,
		panel.top + TOP - 10, day->scenario->title);
	fprintf(out,
		"<text class=\"note\" x=\"%d\" y=\"%.1f\">peak second afterwards: %.2f %%</text>\n",
		WIDTH - RIGHT, panel.top + TOP - 10, fleet_day_peak_percent(day, &second));
	trouble_draw(out, &panel);
	scale_draw(out, &panel);
	rule_draw(out, &panel);
	arrivals_draw(out, &panel, false);
	arrivals_draw(out, &panel, true);
}

void fleet_plot_write(FILE *out, const struct fleet_day *days, size_t count)
{
	int height = HEADING + (int)count * PANEL;

	fprintf(out,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" "
		"viewBox=\"0 0 %d %d\" font-family=\"sans-serif\" font-size=\"11\">\n"
		"<style>.grid{stroke:#ddd}.tick{stroke:#888}.y{text-anchor:end;fill:#555}"
		".x{text-anchor:middle;fill:#555}.title{font-size:13px;font-weight:bold}"
		".note{text-anchor:end;fill:#555}.trouble{fill:#f6dcd8}"
		".rule{stroke:#c0392b;stroke-dasharray:6 4}.mean{fill:#9ec5e8}"
		".peak{fill:none;stroke:#1f5f99;stroke-width:1}</style>\n"
		"<rect width=\"%d\" height=\"%d\" fill=\"#fff\"/>\n",
		WIDTH, height, WIDTH, height, WIDTH, height);
	if (count > 0)
		fprintf(out,
			"<text x=\"%d\" y=\"26\" font-size=\"14\">Requests a second at the server, "
			"as a "
			"part of a fleet of %lu agents: mean (area), peak (line), the rule of %g "
			"%% "
			"(dashed)</text>\n",
			LEFT, (unsigned long)days[0].settings.agents, FLEET_RULE_PERCENT);
	for (size_t i = 0; i < count; i++)
		panel_draw(out, &days[i], i);
	fputs("</svg>\n", out);
}
